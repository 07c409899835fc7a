"""The words of which complaints of a field consist. Data, and whether a clause holds any other.

A validator's language is small and the same everywhere. A sentence with any other word in it (a queue, a
plan, a server) may be about that, and is no proof; the second create decides then.
"""

from __future__ import annotations

import re
from typing import Final

from genmedia_exporter.classify.chinese import simplified
from genmedia_exporter.classify.words_of_validators import ELSE, FIELDS

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
    runes public void class response argument arg args attr call calling choice default docs documentation dto err expression given http https uri uris scheme base64 kwargs mandatory operation
    post process processing question refer reference reason rejected res sentence text textual user null
    aren can check choose didn enter entered hasn isn left method missing mustn must positional selected select shouldn widthxheight
    conform conforming wxh sorry wajib diisi alani zorunludur zorunlu pole jest wymagane wymagany het veld verplicht obbligatorio obbligatoria e actual adjust change changed containing encoded enough example exists following formatted instance listed meet meets met modify
    proper properly remove removed resend resubmit retry satisfied sure terminal unquoted whitespaces written
    column data position statement bad invalid error requested specific mode parameter two three
    adaptive auto standard hd minute minutes tokens regular assistant role roles variant variants
    union expecting expectation given attribute constant constants unique duplicated distinct nullable nullish primitive instanceof finite nan safe tuple record map
    trimmed surrounding literal literals conversion parsed parsing parser convertible allowable enumerated enumerations predefined selection nonnegative nonzero unspecified mandatory prohibited
    complete incomplete describe describing description descriptive supply nothing something anything zero integers floats booleans decimal decimals whole
    trop petit petite grand grande court courte long longue chaine de caracteres caractere doit avoir au moins plus nombre invalide une un valeur parmi attendue attendu recu recue entree ce ne
    peut pas etre nul nulle saisissez superieur superieure inferieur inferieure ou egal egale entre et selectionne choix valide assurez vous que cette comporte entier entiere du des est l d n
    dieses zwingend muss mindestens hochstens zeichen enthalten haben wert werte gultig gultige gultigen gultiger gultiges ungultig ungultige ungultiger leer zwischen grosser kleiner als oder gleich ist keine kein auswahl
    ganze ganzzahl zahl angegeben werden gross erwartet dass eingabe auszufullen ausgefullt erhalten bitte geben eine einen ein sie lang kurz stellen sicher
    demasiado pequeno grande esperaba tuviera tener caracteres debe debera mayor menor igual que al menos este esta en blanco asegurese valor valida valido invalido invalida entrada opcion
    seleccione seleccionado eleccion numero entero introduzca una un uno con por se longitud maximo minimo contener siguientes valores
    nao pode deve pelo maximo minimo certifique valido invalido escolha informe inteiro um uma branco vazio ter conter opcao esperado recebido valores tamanho comprimento
    big bigger biggest child want limited like fractional part parts converting parsing decoding wanted ratios resolutions durations sizes formats abnormal custom root ok variable variables inside outside expecting
    predefinidos deber propiedad requerida atributo erforderliche attribut propriete requiert propriedade obrigatoria constante coincidir patron padrao corresponder tenga tengan mas
    requerido asegurese elegida numero entero introduzca superieure peut etre assurez seja maior escolha exigido tenha inferior nulo igual o mayor uno de los doit faire taille choix suivants
    tamano del zu hat eine von indefinido texto recibido chaine indefini recu mais curta permitidos certifque minimum contenir parmi non seleccionado nicht gefunden caracter
    extract raw unicode ascii interpret iterable after mapping dictionary subclass hashable
    binding jsonschema usize isize predicate
    real expr
    served look looks media picture pictures photo movie film frame frames scene shot total half odd even power product factor side sides edge edges longest shortest area kind
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
    项 个 张 条 位 和 或 与 及 且 的 了 为 是 在 至 后 再试 重试 校验 失败 规则 异常 空 传 中 其 其中 之一 中的 一个 存在 均 都 不 只能 用户请求 者 或者 被 受 内 先 文字 画面 可选 范围内 可以 不支援 同时 图片大小 最小值 最大值 字 正 比 倍 倍数 入参 选择 주세요 해 입력해 를 字段值 字数 个字符 个字 个数
    空字符串 空白 超限
    应当 必需 必须 属性 期望 预期 预设定 预设 枚举值 以下 以上 过小 过大 过多 过少 太小 太大 太多 太少 收到 实际 合法 匹配 模式 正则表达式 正则 满足 符合 条件 唯一
    重复 倍数 整型 浮点数 浮点 小数 数组 集合 元素 键 未知 额外 多余 未识别 相等 相同 常量 常数 留空 留 包含 含有 开头 开始 结尾 结束 大写 小写 字母 汉字 中文 英文 长于
    短于 晚于 早于 请选择 请填写 必选 已选 选中 选项 您已经输入 您 你 已经 精度 不应 不要 不允许 禁止 介于 其他 其它 任一 任意 二选一 两者 同时 之外 如果 当 时 否则 才
    非空 非负 正数 正整数 自然数 数值型 数字型 字符型 布尔值 真 假 缺省 默认 是否 不存在 本 种 类 双数 单数 偶数 奇数 多于 栏位 一律 由 组成 指定的 给定 解析
    可被接受 只含 只能为 允许值 可选值 合法值 有效值 所选 所选的 属于 列表中 数字 字元 取 个数 只允许 不含 超过了 超出了 允许 无法 转换 转换成 转换为 反序列化 期待 空字符 下列 以下之一
    一个 一 应 应该是 应为 如 例如 其 上传 提交 内容为空 不符 不合规则 不规范 规范 未填写 未指定 漏填 有 所选择的 所选择 确保 不合规 下 低于 高于 暂不支持 传参 验证 识别 哦 呢 哟 啊 吧 喔 呀 亲 负数 负 宽 高 宽x高 未选择 补充 补全 完整 修改 重新 重新输入 后重试 再
    必須 です ます ません でした ください 入力して 入力 指定 値 空 無効 不正 項目 フィールド プロンプト パラメータ パラメーター サイズ 秒 が は を の に で も と する して
    この に して ください できません 有効な 選択肢 では ありません でなければ なりません いけない であって いけません 少なくとも より 長く ならない よう 整数 うち いずれか うちの
    ある あります が 期待され ました されました 小さすぎる 大きすぎる 入力され 選択 数値 次の １つ 一つ 必要な プロパティ なければ いけない 値です null
    이 시간 시간을 필드 값 일 수 없습니다 보다 크거나 작거나 같은지 확인 하세요 확인하세요 입력하세요 유효한 정수 글자 문자 적어도 이상인지 이하인지 선택 않은 여야 이어야 하나 다음 중 최소 최대 너무 작습니다 큽니다 잘못된 입력 예상 타입 받은 옵션 또는 속성 필수입니다 자
    это эта значение больше меньше либо или равно равна что убедитесь содержит менее более символов символа символ введите правильное число нет среди допустимых вариантов вариант неверный ввод ожидалось получено одно из одним слишком
    маленькое большое будет иметь длиной должен должна содержать иметь обязательное
    ない 長さ 文字 以上 以下 必要 あり 정상 필수 필드 값 비어 있습니다 입니다 항목 올바르지 않습니다 유효하지 프롬프트 은 는 이 가 을 를 합니다 해야 입력 크기 초 길이 이상 이하 에서
    поле поля параметр значение обязательно обязательное обязательный обязателен для заполнения не может быть пустым пустой пусто должно
    быть задано задан указано указан заполнено не некорректное некорректно неверное неверный недопустимое промпт запрос размер длительность
    """
_CHARACTERS: Final = frozenset(simplified(_ASIAN).split())
MAX_RUN: Final = 200
"""Characters without a stop; what a validator says is shorter."""
_LONGEST: Final = max(map(len, _CHARACTERS))

_QUOTED: Final = re.compile(
    r"'[^']{0,80}'|\"[^\"]{0,80}\"|\[[^\]]{0,80}\]|<[^>]{0,40}>|【[^】]{0,20}】|https?://\S+"
)
_SPEAKER: Final = re.compile(
    r"^#<[\w :]{1,80}: |^litellm\.[\w ]{1,40}: (?:[\w ]{1,40}exception - )?|^(?:<\d+> ?)?(?:(?:\w+ )?[\w.]*(?:error|exception)(?:\.[\w. ]{1,40})?: ?)+"
)
_LISTED: Final = re.compile(
    r"(?:[a-z0-9][a-z0-9 .-]{0,30}? ?/ ?)+[a-z0-9][a-z0-9 .-]{0,30}? ?之一|(?:one of|either|values?(?: are| is)?|sizes are|must be|should be|are)[ :]+[\w./-]+(?:(?:,? or |, ?)[\w./-]+)+"
)
_MODE: Final = re.compile(
    r"\bfor (?:the )?(?:feature|task|mode|operation) (?:text|image|video|reference)[ -]to[ -](?:image|video)\b"
)
"""For what a value is not supported, where that is a kind of generation and nobody's plan."""
_NAMED: Final = re.compile(r"\b(?:for|by|with|on|in) (?:[a-z][\w.-]* ){1,3}v?\d[\w.-]*(?: \w+)?$")
"""At the end of a sentence: for whom a value is not supported, where a number makes it a model's name."""
_PAIR: Final = re.compile(r"\b\w+=|\b\d+ tokens?\b")
"""Names of what a message tells besides, such as `offset=33`, and how a length may be counted."""
_FAMILIES: Final = frozenset(
    [
        "dall",
        "dalle",
        "gpt",
        "sora",
        "veo",
        "imagen",
        "kling",
        "seedance",
        "seedream",
        "hailuo",
        "flux",
        "pixverse",
        "vidu",
        "ltx",
        "hunyuan",
        "cogview",
        "cogvideox",
        "ideogram",
        "recraft",
        "grok",
        "gemini",
        "nano",
        "qwen",
        "sdxl",
        "midjourney",
        "jimeng",
        "doubao",
        "minimax",
        "wan",
    ]
)
"""How models' names begin that have no number."""
_MODEL: Final = frozenset({"model", "models"})
"""The word beside it is a model's name."""
_TOKEN: Final = re.compile(
    r"[a-z0-9][a-z0-9./:@+-]*(?:'[a-z]+)?|[\u0400-\u04ff]+|[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]+"
)
OTHER_SCRIPT: Final = re.compile(r"[\u0400-\u04ff\u3040-\u30ff\uac00-\ud7af]")
"""Cyrillic, Kana, Hangul."""
_FOREIGN: Final = re.compile(r"[^\W\d_a-z\u4e00-\u9fff]")
"""Letters that neither English nor Chinese has."""
_ACCENTED: Final = str.maketrans("áàâãäéèêëíîïóôõöúùûüçñßı", "aaaaaeeeeiiioooouuuucnsi")
_MADE_UP: Final = re.compile(r"\d|[a-z][./:@+][a-z]")


def strange_words(clause: str) -> list[str]:
    """Return the words of *clause* that no validator needs to say what is wrong with a field."""
    plain = _MODE.sub(" ", _SPEAKER.sub("", clause.translate(_ACCENTED)))
    told = _LISTED.sub(" ", _QUOTED.sub(" ", _NAMED.sub(_name, _PAIR.sub(" ", plain))))
    tokens = _TOKEN.findall(told)
    beside = {place + step for place, t in enumerate(tokens) if t in _MODEL for step in (-1, 1)}
    left = (t for place, t in enumerate(tokens) if place not in beside)
    return [word for token in left for word in _strange_in(token)]


def tells_else(clause: str) -> bool:
    """Whether a sentence in a language that we know has words that no validator needs."""
    return bool(strange_words(clause)) and _FOREIGN.search(clause) is None


def _name(found: re.Match[str]) -> str:
    return found[0] if ELSE.search(found[0]) else " "


def _strange_in(token: str) -> list[str]:
    if not token.isascii():
        return _left_over(token)
    if _MADE_UP.search(token):
        return []  # a number, a path, somebody's name
    parts = re.split(r"[./:@+-]", token.split("'")[0])
    if parts[0] in _FAMILIES:
        return []  # a model's name
    words = (word for word in parts if len(word) > 1)
    return [word for word in words if word not in _WORDS and word not in _NAMES]


def _left_over(run: str) -> list[str]:
    """Return the characters of *run* that are left where as many words as possible are taken out of it."""
    if len(run) > MAX_RUN:
        return [run]
    best: list[list[str]] = [[]]
    for end in range(1, len(run) + 1):
        starts = range(max(0, end - _LONGEST), end)
        told = [best[start] for start in starts if run[start:end] in _CHARACTERS]
        best.append(min([*told, [*best[end - 1], run[end - 1]]], key=len))
    return best[-1]
