title = Подошла ваша очередь: { $specialty }
body = Врач: { $doctor }. { $clinic }. Выберите время до { $deadline_time } { $deadline_day }: потом очередь перейдёт к следующему.
push-title = Подошла ваша очередь
push-body = Выберите время до { $deadline_time } { $deadline_day }.
