title = Code for the operator of 122
body = { $code }. Say it only if you called 122 yourself. The code is good for 5 minutes. If you did not call, tell it to nobody.
sms = { $code } is your code for the operator of 122. If you did not call 122 yourself, tell it to nobody.
push-title = Code for the operator of 122
push-body = The code is in the app. Say it only if you called 122 yourself.
