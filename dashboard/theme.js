// Runs before the page is drawn, so that a chosen theme does not flash.
(function () {
  try {
    var chosen = localStorage.getItem("microscale-theme");
    if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  } catch {
    // Storage may be forbidden; then the system's theme is used.
  }
})();
