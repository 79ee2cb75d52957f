/** Zones and ranges of days in which calendars do something odd, for tests to generate rows around. */

/** A range of days (`YYYY-MM-DD`, both included) in a zone. */
export interface Place {
  readonly tz: string
  readonly startDate: string
  readonly endDate: string
}

const place = (tz: string, startDate: string, endDate: string): Place => ({ tz, startDate, endDate })

/** All within 2000 to 2037, so that rows may lie there. */
export const places: ReadonlyArray<Place> = [
  place("UTC", "2024-02-27", "2024-03-02"),
  place("UTC", "2023-12-30", "2024-01-02"),
  // Whole quarter hours away from UTC, without changes.
  place("Asia/Kathmandu", "2024-02-28", "2024-03-01"),
  place("Asia/Kolkata", "2024-05-01", "2024-05-03"),
  place("Pacific/Kiritimati", "2024-05-01", "2024-05-03"),
  place("Etc/GMT+12", "2024-05-01", "2024-05-03"),
  place("Europe/Moscow", "2014-10-24", "2014-10-28"),
  // 23 and 25 hours.
  place("America/New_York", "2024-03-09", "2024-03-11"),
  place("America/New_York", "2024-11-02", "2024-11-04"),
  place("Europe/Kiev", "2023-10-28", "2023-10-30"),
  place("Europe/Kiev", "2024-03-30", "2024-04-01"),
  // Half an hour.
  place("Australia/Lord_Howe", "2024-04-06", "2024-04-08"),
  place("Australia/Lord_Howe", "2024-10-05", "2024-10-07"),
  // Two hours.
  place("Antarctica/Troll", "2024-03-30", "2024-04-01"),
  place("Antarctica/Troll", "2024-10-26", "2024-10-28"),
  // Around Ramadan.
  place("Africa/Casablanca", "2024-03-09", "2024-03-11"),
  place("Africa/Casablanca", "2024-04-13", "2024-04-15"),
  // A day that begins at 01:00; one whose last hour comes twice.
  place("America/Sao_Paulo", "2018-11-03", "2018-11-05"),
  place("America/Sao_Paulo", "2018-02-16", "2018-02-19"),
  place("Africa/Cairo", "2024-04-25", "2024-04-27"),
  place("Asia/Beirut", "2022-03-26", "2022-03-28"),
  // Local time goes back across midnight at 00:01, so midnight comes twice.
  place("America/St_Johns", "2006-10-27", "2006-10-31"),
  place("America/St_Johns", "2006-04-01", "2006-04-03"),
  place("America/Havana", "2024-11-02", "2024-11-04"),
  // A day that is skipped.
  place("Pacific/Apia", "2011-12-28", "2012-01-01"),
  place("Pacific/Fakaofo", "2011-12-28", "2012-01-01")
]
