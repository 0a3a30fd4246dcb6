(function () {
  "use strict";
  function valueOf(row, column) {
    var text = row.cells[column].textContent.trim();
    var number = parseFloat(text.replace(/,/g, ""));
    return isNaN(number) ? text.toLowerCase() : number;
  }
  function compare(a, b) {
    if (typeof a === "number" && typeof b === "number") return a - b;
    return String(a).localeCompare(String(b));
  }
  function isEmpty(value) { return value === "" || value === "–"; }
  function sort(table, column, direction) {
    var rows = Array.prototype.slice.call(table.tBodies[0].rows);
    var sign = direction === "descending" ? -1 : 1;
    var keyed = rows.map(function (row) { return { row: row, value: valueOf(row, column) }; });
    keyed.sort(function (a, b) {
      // Cells without a value come last, whatever the direction.
      if (isEmpty(a.value) || isEmpty(b.value)) return isEmpty(a.value) - isEmpty(b.value);
      return sign * compare(a.value, b.value);
    });
    keyed.forEach(function (item) { table.tBodies[0].appendChild(item.row); });
  }
  Array.prototype.forEach.call(document.querySelectorAll("table[data-sortable]"), function (table) {
    var heads = table.tHead.rows[0].cells;
    var said = document.createElement("p");
    said.className = "hidden";
    said.setAttribute("role", "status");
    table.parentNode.appendChild(said);
    Array.prototype.forEach.call(heads, function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      while (head.firstChild) button.appendChild(head.firstChild);
      head.appendChild(button);
      button.addEventListener("click", function () {
        var now = head.getAttribute("aria-sort");
        var other = { ascending: "descending", descending: "ascending" };
        var direction = other[now] || head.getAttribute("data-first") || "ascending";
        Array.prototype.forEach.call(heads, function (any) { any.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", direction);
        sort(table, column, direction);
        said.textContent = "Sorted by " + head.textContent.trim() + ", " + direction + ".";
      });
    });
    table.classList.add("sorts");
  });
})();
