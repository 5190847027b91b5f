title = A pharmacy has your medicine: { $drug }
body = { $pharmacy }, { $address }. As of { $known_time } on { $known_day } ({ $place_of_time } local time); that may change before you come.
push-title = New message
push-body = What you waited for is there. The details are in the app.
email-subject = My Health: new message
email-body = What you waited for is there (as of { $known_time } on { $known_day }). The details are in the app My Health.
