// The signs of right, wrong, left out and under way. As paths for `icon` (dom.js).

export const VERDICTS = {
  yes: "M3 8.5l3.5 3.5L13 4.5",
  no: "M4 4l8 8M12 4l-8 8",
  skip: "M4 8h8",
  wait: "M8 4v4l3 2M8 1.8a6.2 6.2 0 1 0 .01 0",
};
