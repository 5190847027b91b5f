title = { $change ->
    [insurer] You have another insurer
    [number] Your OMS policy has another number
    [closed] Your OMS policy is closed
   *[details] Your OMS policy has new details
}
body = As the register of insured people says on { $changed_date }. Insurer: { $insurer }. If this is a mistake, write to the insurer.
push-title = Your OMS policy has changed
push-body = Check the details in the app.
email-subject = My Health: your OMS policy has changed
email-body = Something has changed in your OMS policy, as of { $changed_date }. Check the details in the app My Health.
