// What is wrong with a page for people who see little, or who hear it; one sentence each.
() => {
  const found = [];
  const seen = (one) => one.checkVisibility({ checkOpacity: true, checkVisibilityCSS: true });
  const where = (one) => `<${one.tagName.toLowerCase()}${one.className ? ` class="${one.className}"` : ""}> ${one.textContent.trim().slice(0, 40)}`;
  const named = (one) => (one.getAttribute("aria-label") || "").trim()
    || (one.getAttribute("aria-labelledby") || "").split(" ").map((id) => document.getElementById(id)?.textContent || "").join("").trim()
    || [...(one.labels || [])].map((label) => label.textContent).join("").trim()
    || one.textContent.trim() || one.getAttribute("title")
    || one.querySelector("img[alt]:not([alt=''])")?.alt;
  for (const one of document.querySelectorAll("input:not([hidden]), select, textarea, button, a[href], summary, [role=radio], [role=progressbar]"))
    if (seen(one) && !named(one)) found.push(`has no name: ${where(one)}`);
  for (const one of document.querySelectorAll("img, video, audio, iframe"))
    if (one.tagName === "IMG" ? !one.hasAttribute("alt") : !(named(one) || one.title))
      found.push(`says nothing: ${one.outerHTML.slice(0, 80)}`);
  for (const name of ["for", "aria-describedby", "aria-labelledby", "aria-controls"])
    for (const one of document.querySelectorAll(`[${name}]`))
      for (const id of one.getAttribute(name).split(/\s+/).filter(Boolean))
        if (!document.getElementById(id)) found.push(`${name} leads nowhere: ${where(one)}`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.push(`twice: #${id}`);
  if (document.querySelectorAll("h1").length !== 1) found.push("not one first heading");
  let last = 1;
  for (const one of document.querySelectorAll("main h1, main h2, main h3, main h4")) {
    if (!seen(one)) continue;
    const level = Number(one.tagName[1]);
    if (level > last + 1) found.push(`a heading is left out before: ${where(one)}`);
    last = level;
  }
  // Contrast of text against the first ground behind it that is not seen through.
  const light = ([r, g, b]) => [r, g, b].map((one) => one / 255)
    .map((one) => (one <= .03928 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4))
    .reduce((sum, one, at) => sum + one * [.2126, .7152, .0722][at], 0);
  const colour = (words) => (words.match(/[\d.]+/g) || []).map(Number);
  const over = (top, below) => {
    const a = top[3] ?? 1;
    return [0, 1, 2].map((at) => top[at] * a + below[at] * (1 - a));
  };
  const ground = (one) => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) {
      const style = getComputedStyle(at), shade = colour(style.backgroundColor);
      if (style.backgroundImage !== "none" || at.matches(".compare")) return null;
      if ((shade[3] ?? 1) > 0) layers.push(shade);
      if ((shade[3] ?? 1) === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), told = new Set();
  while (walker.nextNode()) {
    const one = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || !one || !seen(one)) continue;
    if (one.closest("script, style, noscript, option, [disabled], [aria-disabled=true], .unseen, .skip")) continue;
    const below = ground(one);
    if (!below) continue;
    const style = getComputedStyle(one), a = light(over(colour(style.color), below)), b = light(below);
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
    const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
    if (ratio < least && !told.has(style.color + below)) {
      told.add(style.color + below);
      found.push(`contrast ${ratio.toFixed(2)}: ${where(one)}`);
    }
  }
  if (document.documentElement.scrollWidth > innerWidth) found.push(`is ${document.documentElement.scrollWidth} px wide`);
  return found;
}
