"""Chinese for the cells of the card's tables: a cell is replaced when it is known, else it stays."""

from __future__ import annotations

import re

CELLS = {
    "group": "人群",
    "people": "人群",
    "n": "人数",
    "cases": "病例",
    "events": "事件",
    "AUC int8 [95 %]": "AUC 整数 [95 %]",
    "AUC int8": "AUC 整数",
    "AUC float": "AUC 浮点",
    "AUC OST": "OST 的 AUC",
    "AUC age alone": "仅年龄的 AUC",
    "gain [95 %]": "增益 [95 %]",
    "slope": "校准斜率",
    "mean p": "平均预测",
    "observed": "实际比例",
    "incidence": "累积发生率",
    "Brier int8": "Brier 整数",
    "Brier float": "Brier 浮点",
    "skill": "技巧分",
    "everybody 50+": "全部 50 岁以上",
    "everybody 40+": "全部 40 岁以上",
    "everybody": "全部",
    "timed walkers": "已计时步行者",
    "women": "女",
    "men": "男",
    "women 65+": "女 65 岁以上",
    "men 65+": "男 65 岁以上",
    "Asian, not Hispanic": "非西裔亚裔",
    "tenth": "十等分",
    "women predicted": "女：预测",
    "women observed": "女：实际",
    "men predicted": "男：预测",
    "men observed": "男：实际",
    "threshold": "阈值",
    "int8": "整数",
    "float": "浮点",
    "nobody": "无人",
    "training people": "训练人群",
    "scaled to published figures, not validated": "按已发表数据缩放，未验证",
    "nothing": "无",
    "已校正 age, sex（S）": "已校正年龄、性别（S）",
    "已校正 age, sex, weight, height（S）": "已校正年龄、性别、体重、身高（S）",
    "measured": "已测",
    "way": "方法",
    "neck only": "仅股骨颈",
    "hip only": "仅髋部",
    "spine only": "仅腰椎",
    "network": "网络",
    "equations": "公式",
    "outcome": "结果",
    "known": "已知数据组",
    "by rule": "按规则",
    "median change of p": "概率变化中位数",
    "p99": "第 99 百分位",
    "largest": "最大",
    "imputed laboratory values shifted by, SD": "插补化验值平移（SD）",
    "null": "应为零的关系",
    "found": "所得",
    "bound": "界限",
    "holds": "成立",
    "yes": "是",
    "**no**": "**否**",
    "AUC [95 %]": "AUC [95 %]（整数）",
    "AUC OST or age": "OST 或年龄的 AUC",
    "in the large": "总体位移",
    "family": "参照值",
    "status": "状态",
    "anchors met": "达到的参照值",
    "cell": "分组",
    "published": "已发表",
    "regenerated": "重现",
    "tolerance": "容差",
    "country": "国家",
    "source": "来源",
    "shift of hip logits": "髋部位移",
    "of other major": "其他主要骨折",
    "of osteoporosis": "骨质疏松",
}
GROUPS = {
    "bmd": "骨密度",
    "microarchitecture": "骨微结构",
    "turnover": "化验",
    "clinical": "临床",
    "snp": "基因型",
    "sensor": "步态平衡",
}


OUTCOMES = {
    "osteoporosis": "骨质疏松",
    "mof_10y": "主要骨折（十年）",
    "hip_10y": "髋部骨折（十年）",
    "falls_12m": "跌倒问题",
}
COLUMNS = {"int8": "整数", "float": "浮点", "p99 change": "第 99 百分位变化"}
# what is written with figures inside: pattern and its Chinese
PATTERNS = (
    (r"survey (\d{4}-\d{4})", r"调查 \1"),
    (
        r"(\d+) of (\d+) anchors met \(docs/cohort-report\.md lists all\)\.",
        r"\2 项参照值中达到 \1 项（全部见 docs/cohort-report.md）。",
    ),
    (r"(\d+) of (\d+)", r"\1 / \2"),
    (r"The work folder holds no anchor comparison\.", "本次运行未含参照值比较。"),
    (
        r"Five members together, on people none of them has seen: not rehearsed in this work folder\.",
        "本次运行未做此项评价。",
    ),
    (
        r"Levels are those of the United States; no other country's scale is in the bundle\.",
        "水平为美国水平；未含其他国家的位移。",
    ),
    (r"Source keys \(generator\.yaml\) of (.*)", r"来源代码（generator.yaml）：\1"),
    (r"a random sixth, held out", "随机留出的六分之一"),
    (r"later surveys, taught by 2005-2008 and 1999-2000", "较晚的调查（以 2005-2008 与 1999-2000 训练）"),
    (
        r"sensors add to osteoporosis without DXA, completed people \(S\)",
        "传感器对无骨密度骨质疏松的增益（补全人群，S）",
    ),
    (
        r"grip adds to osteoporosis without DXA, measured people \(R\)",
        "握力对无骨密度骨质疏松的增益（实测人群，R）",
    ),
    (
        r"odds ratio of osteoporosis by one SD more gait_speed, (.*) held \(S\)",
        "步速每增一个标准差的骨质疏松比值比，已校正 \\1（S）",
    ),
    (
        r"odds ratio of osteoporosis by one SD more sway_rms_acc_ml, (.*) held \(S\)",
        "左右晃动每增一个标准差的骨质疏松比值比，已校正 \\1（S）",
    ),
    (r"change of AUC within (.*)", r"AUC 变化不超过 \1"),
    (r"(0\.\d+) to (1\.\d+)", r"\1 至 \2"),
    (r"osteoporosis, (.*)", r"骨质疏松，\1"),
    (r"falls, (.*)", r"跌倒，\1"),
)


def in_chinese(text: str) -> str:
    """The same tables and sentences with what is known in Chinese; the rest stays."""
    return "\n".join(_line(line) if line.startswith("| ") else _pattern(line) for line in text.split("\n"))


def _pattern(text: str) -> str:
    for pattern, chinese in PATTERNS:
        found = re.fullmatch(pattern, text)
        if found:
            return found.expand(chinese)
    return text


def _line(line: str) -> str:
    return "| " + " | ".join(_cell(cell) for cell in line[2:-2].split(" | ")) + " |"


def _cell(cell: str) -> str:
    if cell in CELLS:
        return CELLS[cell]
    outcome, _, column = cell.partition(" ")
    if outcome in OUTCOMES and column in COLUMNS:
        return f"{OUTCOMES[outcome]} {COLUMNS[column]}"
    names = cell.split("+")
    if all(name in GROUPS for name in names):
        return "+".join(GROUPS[name] for name in names)
    head, comma, rest = _pattern(cell).partition("，")
    return f"{head}{comma}{CELLS.get(rest, rest)}"
