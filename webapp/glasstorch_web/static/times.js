// Shows times in the reader's own time zone: a server in a cloud does not know it.

const locale = document.documentElement.lang.startsWith("zh") ? "zh-CN" : "en-GB";
const format = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

/** @param {ParentNode} place */
export function localTimes(place) {
  for (const time of place.querySelectorAll("time:not([data-day])")) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
