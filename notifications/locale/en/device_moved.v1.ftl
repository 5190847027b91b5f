title = Somebody else uses your phone
body = On { $moved_date } at { $moved_time } ({ $place_of_time } local time) a phone that got your messages began to get those of another person. Yours do not reach it any more. If you did not expect this, sign out everywhere under “Devices”.
push-title = A phone went over to another person
push-body = { $moved_day } at { $moved_time }. Your messages do not reach it any more.
email-subject = My Health: a phone went over to another person
email-body = It was on { $moved_day } at { $moved_time } ({ $place_of_time } local time). Your messages do not reach this phone any more. If you did not expect this, sign out everywhere in the app My Health.
