title = 122 could not call you back
body = We did not get to talk to you, and we will not call again. Ask for another call in the app, or call 122. Check the telephone number: there may be a mistake in it.
push-title = The call did not take place
push-body = Ask for another call in the app, or call 122.
sms = The call from 122 did not take place. Ask for another call in the app, or call 122.
