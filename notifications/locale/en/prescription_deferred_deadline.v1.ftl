title = A prescription in deferred service: { $drug }
body = { $pharmacy }. The pharmacy has to provide for you by { $due_date }. If the medicine does not come, write to your insurer: the prescription stays good meanwhile.
push-title = Reminder
push-body = The term: { $due_day }. The details are in the app.
email-subject = My Health: reminder
email-body = A term is reached on { $due_date }. The details are in the app My Health.
