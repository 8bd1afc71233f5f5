// Light or dark, before anything is drawn; the choice stays in this browser.
(() => {
  const root = document.documentElement;
  const kept = localStorage.getItem("masquerade-theme");
  if (kept) root.dataset.theme = kept;
  const show = () => {
    const now = root.dataset.theme || "auto";
    for (const one of document.querySelectorAll("[data-set-theme]"))
      one.setAttribute("aria-pressed", String(one.dataset.setTheme === now));
  };
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-set-theme]");
    if (!button) return;
    const wanted = button.dataset.setTheme;
    if (wanted === "auto") {
      localStorage.removeItem("masquerade-theme");
      delete root.dataset.theme;
    } else {
      localStorage.setItem("masquerade-theme", wanted);
      root.dataset.theme = wanted;
    }
    show();
  });
  // Before and after: the handle follows the slider; two films run as one.
  document.addEventListener("input", (event) => {
    const box = event.target.closest(".compare");
    if (box) box.style.setProperty("--at", event.target.value + "%");
  });
  for (const name of ["play", "pause", "seeked", "ratechange"])
    document.addEventListener(name, (event) => {
      const box = event.target.closest && event.target.closest(".films");
      if (!box || !event.target.matches("video.leads")) return;
      const after = box.querySelector("video.follows");
      after.currentTime = event.target.currentTime;
      if (name === "play") after.play(); else if (name === "pause") after.pause();
    }, true);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-plays]");
    if (!button) return;
    const film = button.closest(".films").querySelector("video.leads");
    if (film.paused) film.play(); else film.pause();
    button.textContent = film.paused ? "Play both" : "Pause";
  });
  new MutationObserver(show).observe(root, { childList: true, subtree: true });
})();
