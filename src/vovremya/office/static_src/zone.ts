/** A branch most likely lies where its first administrator sits: that zone is chosen until somebody chooses another. */
const zone = document.querySelector<HTMLSelectElement>("select[data-here]");
if (zone) {
  const here = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if ([...zone.options].some((option) => option.value === here)) zone.value = here;
}
