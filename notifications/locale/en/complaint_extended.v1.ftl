title = The answer to complaint No. { $number } takes longer
body = By { $days ->
    [one] { $days } day
   *[other] { $days } days
}: you will be answered by { $answer_date }. The term can be extended only once.
push-title = The answer takes longer
push-body = No. { $number }. The answer: by { $answer_day }.
email-subject = My Health: the answer to complaint No. { $number } takes longer
email-body = By { $days ->
    [one] { $days } day
   *[other] { $days } days
}: you will be answered by { $answer_date }. The term can be extended only once.
