title = It is your turn: { $specialty }
body = Doctor: { $doctor }. { $clinic }. Choose a time by { $deadline_time } on { $deadline_day }: then the turn goes to the next.
push-title = It is your turn
push-body = Choose a time by { $deadline_time } on { $deadline_day }.
