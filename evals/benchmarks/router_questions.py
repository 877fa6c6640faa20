# ruff: noqa: RUF001 - Chinese punctuation is meant
"""Own questions with how their answers are to be written: step by step, or by points that stand alone.

The rules of the router were adjusted to ``SEEN`` and not to ``UNSEEN``, which was written afterwards.
"""

from agent.browsing.synthesis.result import Shape

_STEP_BY_STEP_SEEN = (
    "What is 17 * 24 + 9?",
    "Prove that the square root of 2 is irrational.",
    "Solve 3x + 7 = 22 for x.",
    "A train leaves at 9:10 and arrives at 11:45. How long does the journey take?",
    "Tom had 12 apples, gave away 5 and bought 3 more. How many apples does he have left?",
    "How do I install PostgreSQL on Debian and create a first database?",
    "Write a Python function that merges two sorted lists.",
    "First sort the files by size, then delete the largest: which commands do that?",
    "Walk me through changing a bicycle tyre.",
    "Why does this loop never end, and what should each line be changed to?",
    "What happens after you press the power button of a computer, up to the login screen?",
    "Tell me a story about a lighthouse keeper.",
    "Derive the formula for the area of a circle by integration.",
    "Translate this paragraph and then shorten the translation.",
    "求解方程 x^2 - 5x + 6 = 0。",
    "证明任意三角形内角和为180度。",
    "如何一步一步地安装 Docker？",
    "写一个计算斐波那契数列的函数。",
    "小明有30元，买了3支每支4元的笔，还剩多少元？",
    "红烧肉怎么做？",
)
_BY_POINTS_SEEN = (
    "What are the advantages and disadvantages of electric cars?",
    "Compare PostgreSQL and MySQL.",
    "What causes coastal erosion?",
    "Give an overview of the history museums of Berlin.",
    "What are the main features of Python 3.11?",
    "Which factors influence house prices?",
    "List the health benefits of green tea.",
    "What should a visitor see in Kyoto?",
    "Describe the climate, wildlife and economy of Madagascar.",
    "What are the symptoms of iron deficiency?",
    "Tips for a job interview?",
    "What challenges do small island states face?",
    "How does remote work affect employees, employers and cities?",
    "What is known about the planet Neptune?",
    "Why did the Roman Empire decline?",
    "长城有哪些著名的关隘？",
    "介绍一下苏州园林的特点。",
    "比较咖啡和茶对健康的影响。",
    "全球变暖的原因是什么？",
    "学习外语有什么好处？",
)
_STEP_BY_STEP_UNSEEN = (
    "If a shirt costs 40 euros and is reduced by 15 percent twice, what is its price in the end?",
    "Convert the binary number 101101 to decimal and show your work.",
    "Debug this SQL query and explain each change.",
    "How to bake sourdough bread at home?",
    "Show by induction that the sum of the first n odd numbers is n squared.",
    "What are the steps to renew a passport?",
    "Continue this text in the same style.",
    "Two pipes fill a tank in 3 and 6 hours; how long do they need together?",
    "请用归纳法证明这个等式。",
    "怎样更换汽车轮胎？",
    "先把数据排序再去掉重复项，应该用什么命令？",
    "一个水池有两个进水管，几个小时可以注满？",
)
_BY_POINTS_UNSEEN = (
    "What are the pros and cons of nuclear power?",
    "Summarise what is known about the settlement of Iceland.",
    "In what respects do Gothic and Romanesque churches differ?",
    "What effects does lack of sleep have?",
    "Which instruments belong to a symphony orchestra?",
    "Explain the different kinds of clouds.",
    "What do critics say about the new library?",
    "What are common uses of aluminium?",
    "人工智能在医疗领域有哪些应用？",
    "请概述唐代诗歌的主要流派。",
    "城市绿化的意义何在？",
    "熊猫的生活习性是怎样的？",
)


def _labelled(steps: tuple[str, ...], points: tuple[str, ...]) -> tuple[tuple[str, Shape], ...]:
    return (*((text, "sequential") for text in steps), *((text, "skeleton") for text in points))


SEEN: tuple[tuple[str, Shape], ...] = _labelled(_STEP_BY_STEP_SEEN, _BY_POINTS_SEEN)
UNSEEN: tuple[tuple[str, Shape], ...] = _labelled(_STEP_BY_STEP_UNSEEN, _BY_POINTS_UNSEEN)
