title = Data of somebody you represent were opened urgently
body = A member of staff opened the data of somebody you represent as an emergency. Their access log says who it was; if it was not right, you can say so there.
