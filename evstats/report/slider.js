// The slider over candidate thresholds: what each would have answered, from the table made with the page.
(() => {
  const { said, places, start } = JSON.parse(document.getElementById("candidates").textContent);
  const part = document.getElementById("slider"), range = part.querySelector("input");
  const back = part.querySelector("button"), shown = [...part.querySelectorAll("dd")];
  const markers = Object.entries(places).map(([name, place]) => {
    const svg = document.getElementById(`figure-${name}`).querySelector("svg");
    const draw = (kind, fixed) => {
      const element = document.createElementNS("http://www.w3.org/2000/svg", kind);
      Object.entries(fixed).forEach(([key, value]) => element.setAttribute(key, value));
      return svg.appendChild(element);
    };
    const line = draw("line", { class: "marker", y1: place.top, y2: place.bottom });
    return { place, line, dot: draw("circle", { class: "marker", r: 4 }) };
  });
  const move = () => {
    const at = Number(range.value);
    shown.forEach((cell, row) => { cell.textContent = said[row][at]; });
    range.setAttribute("aria-valuetext", said[0][at]);
    back.disabled = at === start;
    for (const { place, line, dot } of markers) {
      const x = place.x[at], y = place.y[at];
      line.setAttribute("x1", x);
      line.setAttribute("x2", x);
      dot.setAttribute("visibility", y === null ? "hidden" : "visible");
      if (y !== null) { dot.setAttribute("cx", x); dot.setAttribute("cy", y); }
    }
  };
  range.addEventListener("input", move);
  back.addEventListener("click", () => { range.value = start; move(); range.focus(); });
  range.value = start;
  part.querySelector(".control").hidden = false;
  move();
})();
