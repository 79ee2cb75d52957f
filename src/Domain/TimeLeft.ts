/**
 * `", about 40 s left"` for work of which a share (0 to 1) took so many seconds, by the pace so far. Nothing before there is a
 * pace, nor at the end.
 */
export const timeLeft = (seconds: number, share: number): string => {
  if (!(share > 0 && share < 1)) return ""
  const rest = Math.max(1, Math.round((seconds * (1 - share)) / share))
  return rest < 100 ? `, about ${rest} s left` : `, about ${Math.round(rest / 60)} min left`
}
