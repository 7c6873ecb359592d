// Shows times in the reader's own time zone: a server in a cloud does not know it.

const format = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });

/** @param {ParentNode} place */
export function localTimes(place) {
  for (const time of place.querySelectorAll("time")) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}
