title = Data of somebody you represent were opened urgently
body = A member of staff opened the data of somebody you represent as an emergency. Their access log says who it was; if it was not right, you can say so there.
push-title = Data were opened urgently
push-body = They are of somebody you represent. The access log says who it was.
sms = Data of somebody you represent were opened as an emergency. The details are in the app My Health.
email-subject = My Health: data were opened urgently
email-body = A member of staff opened the data of somebody you represent as an emergency. The access log in the app My Health says who it was.
