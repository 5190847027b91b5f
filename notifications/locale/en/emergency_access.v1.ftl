title = Your data were opened urgently
body = A member of staff opened your data as an emergency. The access log says who it was; if it was not right, you can say so there. The data protection officer will review it.
