title = Sign-in from a new device
body = { $device }, { $signed_in_date } at { $signed_in_time } ({ $place_of_time } local time). If it was not you, sign out everywhere under “Devices” and change your password at Gosuslugi.
push-title = Sign-in from a new device
push-body = { $signed_in_day } at { $signed_in_time }. Was it not you? Sign out everywhere.
sms = New sign-in: { $signed_in_day } at { $signed_in_time }. Was it not you? Sign out everywhere in the app My Health.
email-subject = My Health: sign-in from a new device
email-body = It was on { $signed_in_day } at { $signed_in_time } ({ $place_of_time } local time). If it was not you, sign out everywhere in the app My Health and change your password at Gosuslugi.
