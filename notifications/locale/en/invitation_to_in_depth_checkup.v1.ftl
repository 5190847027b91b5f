title = An invitation to an in-depth check-up
body = { $insurer } invites you to an in-depth check-up. It is free by your OMS policy; you can have it until { $due_date }.
push-title = There is an invitation for you
push-body = By your OMS policy, free of charge. The term: { $due_day }.
sms = There is an invitation for you by your OMS policy, free of charge, until { $due_day }. The details are in the app My Health.
email-subject = My Health: there is an invitation for you
email-body = There is an invitation for you by your OMS policy, free of charge. The term is { $due_date }. The details are in the app My Health.
