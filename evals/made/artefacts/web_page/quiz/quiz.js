const questions = [
  { ask: "Which planet is nearest to the sun?", answers: ["Venus", "Mercury", "Mars"], right: 1 },
  { ask: "Which planet is the largest?", answers: ["Jupiter", "Saturn", "Earth"], right: 0 },
  { ask: "Which planet lies on its side?", answers: ["Neptune", "Mars", "Uranus"], right: 2 },
];
const form = document.querySelector("#quiz");
questions.forEach((question, number) => {
  const set = document.createElement("fieldset");
  const legend = document.createElement("legend");
  legend.textContent = question.ask;
  set.append(legend);
  question.answers.forEach((answer, place) => {
    const label = document.createElement("label");
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = `q${number}`;
    radio.value = place;
    label.append(radio, ` ${answer}`);
    set.append(label);
  });
  form.append(set);
});
const button = document.createElement("button");
button.textContent = "Check";
form.append(button);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const given = new FormData(form);
  const open = questions.filter((_, number) => given.get(`q${number}`) === null).length;
  const right = questions.filter((question, number) => given.get(`q${number}`) === String(question.right)).length;
  const result = document.querySelector("#result");
  result.textContent = open ? `${open} still to answer` : `${right} of ${questions.length} right`;
});
