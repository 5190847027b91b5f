"""Why some data stay when a person is erased: the acts that say so, in words for the person.

Terms marked (config) could not be confirmed from a public text: an operator of a region checks them with a lawyer
before people see them. Source: domain reference, §8 "Law that shapes code".
"""

from backend.rights.values import Law, Told

AUDIT = Law(
    reason=Told(
        "Журнал обращений к данным защищает от неправомерного доступа; имён в нём нет, только номера.",
        "The audit of accesses protects from unlawful ones; it holds no names, numbers only.",
    ),
    act=Told("152-ФЗ, ст. 19 ч. 2 п. 8", "Federal law 152-FZ, art. 19 part 2 item 8"),
    until=Told("срок устанавливает оператор системы", "as long as the operator of the system sets"),  # (config)
)

BOOKING_NOT_OVER = Law(
    reason=Told(
        "Приём ещё не состоялся, без записи вас не примут. Отмените запись – она тоже будет уничтожена.",
        "The visit is not over, and without the booking you are not received. Cancel it and it is erased too.",
    ),
    act=Told("152-ФЗ, ст. 10 ч. 2 п. 4", "Federal law 152-FZ, art. 10 part 2 item 4"),
    until=Told("до окончания приёма", "until the visit is over"),
)

WHO_COMES = Law(
    reason=Told(
        "Имя, дата рождения и СНИЛС нужны, чтобы принять вас по записи; телефон и почта стираются сразу.",
        "Name, birth date and SNILS are needed to receive you for the booking; phone and e-mail go at once.",
    ),
    act=BOOKING_NOT_OVER.act,
    until=Told("до окончания последнего приёма", "until the last visit is over"),
)

ACT_OF_ERASURE = Law(
    reason=Told(
        "Акт об уничтожении подтверждает, что ваша просьба исполнена.",
        "The act of erasure proves that your request was carried out.",
    ),
    act=Told("приказ Роскомнадзора от 28.10.2022 № 179", "Roskomnadzor order No. 179 of 28.10.2022"),
    until=Told("3 года", "3 years"),
)

PROOF_OF_CONSENT = Law(
    reason=Told(
        "Оператор обязан доказать, что получил согласие и чтил его отзыв.",
        "The operator has to prove that there was a consent, and that its withdrawal was honoured.",
    ),
    act=Told("152-ФЗ, ст. 9 ч. 3", "Federal law 152-FZ, art. 9 part 3"),
    until=Told("3 года после отзыва", "3 years after the withdrawal"),  # (config)
)

MEDICAL_RECORD = Law(
    reason=Told(
        "Медицинскую карту ведёт и хранит медицинская организация; её уничтожают только по истечении срока.",
        "The medical record is kept by the medical organisation and is destroyed only when its term is over.",
    ),
    act=Told("323-ФЗ, ст. 22 и 79", "Federal law 323-FZ, art. 22 and 79"),
    until=Told("25 лет", "25 years"),  # (config) Source: Минздрав's letter 13-2/1538 of 07.12.2015
)

COMPLAINT = Law(
    reason=Told(
        "Обращение и ответ на него хранит тот, кому оно направлено.",
        "A complaint and its answer are kept by whoever it was sent to.",
    ),
    act=Told("59-ФЗ, ст. 10 и 11", "Federal law 59-FZ, art. 10 and 11"),
    until=Told("5 лет", "5 years"),  # (config)
)
