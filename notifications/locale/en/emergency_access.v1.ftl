title = Your data were opened urgently
body = A member of staff opened your data as an emergency. The access log says who it was; if it was not right, you can say so there. The data protection officer will review it.
push-title = Your data were opened urgently
push-body = The access log says who it was.
sms = Your data were opened as an emergency. The access log in the app My Health says who it was.
email-subject = My Health: your data were opened urgently
email-body = A member of staff opened your data as an emergency. The access log in the app My Health says who it was; if it was not right, you can say so there.
