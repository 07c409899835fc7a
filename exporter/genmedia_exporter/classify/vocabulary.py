"""The words of which complaints of a field consist. Data, and whether a clause holds any other.

A validator's language is small and the same everywhere. A sentence with any other word in it (a queue, a
plan, a server) may be about that, and is no proof; the second create decides then.
"""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.words_of_validators import FIELDS

_ENGLISH: Final = """
    a add again all allow allowed allows alone also an and any are as at be because been being both but by can cannot could did do does
    doesn don either else for from had has have how if in instead into is isn it its least less made make many may maybe me might
    more most must need needed needs neither no non none nor not nothing of on one once only or other our out over per please
    should since so some such t than that the their them then there these they this those to too too under up upon use used
    uses using value values was wasn we were what when where whether which while will with within without would you your

    above absent accept acceptable accepted accepts additional alphanumeric array argument arguments attribute bad below between blank
    body boolean bound bounds case char character characters choice choices choose combination complain constraint constraints
    contain contained contains convert converted correct could dict digit digits dictionary divisible double duplicate defined element elements
    empty entered enum ensure entity enumeration equal error errors even exactly exceed exceeded exceeds exclusive exist expect expected expects
    extra fail failed failing fails false few fewer field fields fill filled find fix float form format found function given got
    greater had have high higher ignored illegal improper inclusive include included includes incorrect index integer
    int invalid item items json key keys lacking lacks large larger len length lengths less limit limits line list long
    longer low lower lowercase lt gt gte lte ge le malformed mandatory match matched matches matching max maximum maxlength member members
    min minimum minlength mismatch missing more multiple multiples must name named natural negative nil nonempty null number numbers
    numeric object obligatory occurred omitted one option optional options outside param parameter parameters params parse
    pass passed path pattern permissible permitted pixel pixels positive possible present prohibited properties property
    provide provided provides pydantic range ranges reach read received recognized recognised reformat regex reject rejected request
    require required requires requirement requirements rule rules satisfy schema second see send sent set setting shall shape short shorter
    sign size small smaller specified specify spell start str string strings struct submit submitted supplied supply support supported
    supports symbol syntax tag target tag text than true try trying tuple type typed types unable undefined unexpected unknown
    unmarshal unprocessable unrecognized unrecognised unset unspecified unsupported uint upper uppercase valid validate validated
    validating validation validationerror validator violate violated violates violation whitespace whole width height wrong zero

    deserialize deserializing decode decoding cast coerce cannot json go struct document payload input inputs instance instances
    detected detail details message messages model models image images video videos generation generate create creating task
    url clip clips output outputs bytes chars words word ms fps landscape portrait square ratio aspect least most
    el la le les los las il lo das der die campo campos champ feld es est ist obligatorio obligatoria obrigatorio obligatoire
    requerido requerida requis requise erforderlich darf nicht leer sein puede estar vacio vide
    code offset serial req id ids status name
    runes public void class response argument arg args attr call calling choice default docs documentation dto err expression given http kwargs mandatory operation
    post process processing question refer reference reason rejected res sentence text textual user null
    aren can check choose didn enter entered hasn isn left method missing mustn must positional selected select shouldn widthxheight
    conform conforming wxh sorry wajib diisi alani zorunludur zorunlu pole jest wymagane wymagany het veld verplicht obbligatorio obbligatoria e actual adjust change changed containing encoded enough example exists following formatted instance listed meet meets met modify
    proper properly remove removed resend resubmit retry satisfied sure terminal unquoted whitespaces written
    column data position statement bad invalid error requested specific mode parameter two three
    adaptive auto standard hd minute minutes tokens regular assistant role roles variant variants
    total half odd even power product factor side sides edge edges longest shortest area kind
    """
_WORDS: Final = frozenset(_ENGLISH.split())

_NAMES: Final = frozenset(
    word for names in FIELDS.values() for name in names for word in re.findall("[a-z]+", name)
)

_ASIAN: Final = """
    参数 字段 提示词 提示语 画面 描述 文本 文案 输入 内容 时长 秒数 秒 时间 长度 尺寸 分辨率 大小 宽度 高度 宽高 比例 数量 张数 图片 图像 视频 消息 质量 画质 模式
    生成 模型 请求 字符 像素 格式 类型 整数 数字 数值 字符串 列表 对象 布尔 取值 范围 枚举 可选 选项 值 不能 不可 不得 不通过 不支持 不合法 不正确 不符合 不在 不是
    未 没有 无效 非法 错误 有误 缺少 缺失 为空 必填 必须 必要 必传 必需 应该 应为 应在 应 仅 只 支持 允许 要求 需要 需 请 提供 填写 传入 检查 确认 指定 设置
    接收 收到 到 正常 正确 有效 大于 小于 等于 超出 超过 少于 多于 至少 至多 最大 最小 最长 最短 最多 最少 上限 下限 限制 之间 以内 太短 太长 过短 过长 当前 该 此
    项 个 张 条 位 和 或 与 及 且 的 了 为 是 在 至 后 再试 重试 校验 失败 规则 异常 空 传 中 其 其中 之一 中的 一个 存在 均 都 不 只能 用户请求 者 或者 被 内 先 文字 画面 可选 范围内 可以 提示詞 時長 參數 為 為空 無效 錯誤 必須 不支援 請 輸入 同时 图片大小 最小值 最大值 字 正 比 倍 倍数 入参 选择 주세요 해 입력해 를 字段值 字数 个字符 个字 个数
    空字符串 為空白 空白 超限
    必須 です ます ません でした ください 入力して 入力 指定 値 空 無効 不正 項目 フィールド プロンプト パラメータ パラメーター サイズ 秒 が は を の に で も と する して
    ない 長さ 文字 以上 以下 必要 あり 정상 필수 필드 값 비어 있습니다 입니다 항목 올바르지 않습니다 유효하지 프롬프트 은 는 이 가 을 를 합니다 해야 입력 크기 초 길이 이상 이하 에서
    поле поля параметр значение обязательно обязательное обязательный обязателен для заполнения не может быть пустым пустой пусто должно
    быть задано задан указано указан заполнено не некорректное некорректно неверное неверный недопустимое промпт запрос размер длительность
    """
_CHARACTERS: Final = re.compile("|".join(sorted(_ASIAN.split(), key=len, reverse=True)))
"""Longer ones before the shorter ones that they hold."""

_QUOTED: Final = re.compile(
    r"'[^']{0,80}'|\"[^\"]{0,80}\"|\[[^\]]{0,80}\]|<[^>]{0,40}>|https?://\S+"
)
_SPEAKER: Final = re.compile(
    r"^#<[\w :]{1,80}: |^litellm\.[\w ]{1,40}: (?:[\w ]{1,40}exception - )?|^(?:<\d+> ?)?(?:(?:\w+ )?[\w.]*(?:error|exception)(?:\.[\w. ]{1,40})?: ?)+"
)
_LISTED: Final = re.compile(
    r"(?:one of|either|values?(?: are| is)?|sizes are|must be|should be|are)[ :]+[\w./-]+(?:(?:,? or |, ?)[\w./-]+)+"
)
_MODE: Final = re.compile(
    r"\bfor (?:the )?(?:feature|task|mode|operation) (?:text|image|video|reference)[ -]to[ -](?:image|video)\b"
)
"""For what a value is not supported, where that is a kind of generation and nobody's plan."""
_MODEL: Final = frozenset({"model", "models"})
"""The word beside it is a model's name."""
_TOKEN: Final = re.compile(
    r"[a-z0-9][a-z0-9./:@+-]*(?:'[a-z]+)?|[\u0400-\u04ff]+|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+"
)
OTHER_SCRIPT: Final = re.compile(r"[\u0400-\u04ff\u3040-\u30ff\uac00-\ud7af]")
"""Cyrillic, Kana, Hangul."""
_ACCENTED: Final = str.maketrans("áàâãäéèêëíîïóôõöúùûüçñßı", "aaaaaeeeeiiioooouuuucnsi")
_MADE_UP: Final = re.compile(r"\d|[a-z][./:@+][a-z]")


def strange_words(clause: str) -> list[str]:
    """Return the words of *clause* that no validator needs to say what is wrong with a field."""
    plain = _MODE.sub(" ", _SPEAKER.sub("", clause.translate(_ACCENTED)))
    told = _LISTED.sub(" ", _QUOTED.sub(" ", plain))
    tokens = _TOKEN.findall(told)
    beside = {place + step for place, t in enumerate(tokens) if t in _MODEL for step in (-1, 1)}
    left = (t for place, t in enumerate(tokens) if place not in beside)
    return [word for token in left for word in _strange_in(token)]


def _strange_in(token: str) -> list[str]:
    if not token.isascii():
        return list(_CHARACTERS.sub("", token))
    if _MADE_UP.search(token):
        return []  # a number, a path, somebody's name
    words = (word for word in re.split(r"[./:@+-]", token.split("'")[0]) if len(word) > 1)
    return [word for word in words if word not in _WORDS and word not in _NAMES]
