"""Chinese for the cells of the card's tables: a cell is replaced when it is known, else it stays."""

from __future__ import annotations

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
    "anchor": "参照值",
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


def in_chinese(text: str) -> str:
    """The same table with its known cells in Chinese; other lines stay."""
    return "\n".join(_line(line) if line.startswith("| ") else line for line in text.split("\n"))


def _line(line: str) -> str:
    return "| " + " | ".join(_cell(cell) for cell in line[2:-2].split(" | ")) + " |"


def _cell(cell: str) -> str:
    if cell in CELLS:
        return CELLS[cell]
    names = cell.split("+")
    return "+".join(GROUPS[name] for name in names) if all(name in GROUPS for name in names) else cell
