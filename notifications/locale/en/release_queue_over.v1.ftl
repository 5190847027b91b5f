title = No times are left: { $specialty }
body = Doctor: { $doctor }. { $clinic }. The queue has ended, and nothing was left when it came to you. Join the waiting list: what others give back is kept for those who wait.
push-title = The queue has ended
push-body = The details are in the app.
