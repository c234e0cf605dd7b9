// In a [data-tree] the box of a branch ticks everything below it, and shows whether all, some or none of it is ticked.

const below = (branch) => [...branch.closest("li").querySelectorAll("input[name]")];

function show(branch) {
  const leaves = below(branch);
  const ticked = leaves.filter((leaf) => leaf.checked).length;
  branch.hidden = false;
  branch.disabled = leaves.every((leaf) => leaf.disabled);
  branch.checked = ticked === leaves.length;
  branch.indeterminate = ticked > 0 && ticked < leaves.length;
}

for (const tree of document.querySelectorAll("[data-tree]")) {
  const branches = [...tree.querySelectorAll("[data-branch]")];
  tree.addEventListener("change", ({ target }) => {
    if (target.matches("[data-branch]")) {
      for (const leaf of below(target)) leaf.checked = leaf.disabled ? leaf.checked : target.checked;
    }
    branches.forEach(show);
  });
  branches.forEach(show);
}
