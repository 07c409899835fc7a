"""How validators speak: the names of what calls break, and the words of a complaint. Data, no logic."""

from __future__ import annotations

import re
from typing import Final

FIELDS: Final[dict[str, tuple[str, ...]]] = {
    "prompt": (
        "prompt", "prompts", "プロンプト", "промпт", "프롬프트", "text", "text prompt", "prompt text", "positive prompt", "input",
        "inputs", "input text", "text input", "user input", "description", "caption", "instruction", "content",
        "contents", "chat content", "message content", "text content", "prompt content", "提示词", "正面提示词", "正向提示词", "提示语", "描述", "文本", "文案", "输入内容",
    ),
    "seconds": (
        "seconds", "duration", "durations", "duration seconds", "video length", "length",
        "video duration", "num seconds", "n frames", "num frames", "frame num", "number of frames", "时长", "秒数", "时间长度",
    ),
    "size": (
        "size", "resolution", "image size", "video size", "width", "height", "dimensions", "宽高",
        "dimension", "aspect ratio", "画幅", "尺寸", "分辨率", "图片大小", "视频大小", "大小", "宽度", "高度", "宽和高", "宽与高", "宽高",
    ),
    "aspect_ratio": ("aspect ratio", "ratio", "宽高比", "比例", "画幅"),
    "n": (
        "n", "num images", "num images per prompt", "num outputs", "number of images", "num", "sample count",
        "number of outputs", "number of videos", "candidate count", "batch size", "count", "image count", "num results", "数量", "张数", "生成数量", "图片数量", "视频数量", "生成张数", "输出数量",
    ),
    "messages": ("messages", "message", "contents", "content", "chat content", "message content", "消息"),
    "quality": ("quality", "image quality", "质量", "画质"),
    "mode": ("mode", "模式"),
}  # fmt: skip
"""What calls break, with the names that validators have for it."""

PARTS: Final = frozenset({"prompt", "prompts", "duration", "resolution", "seconds"})
"""Words that make a name one of these fields'."""
_AROUND: Final = """
    text user input inputs video image positive main scene shot in sec secs ms s target output clip length string content
    body original full raw the of requested total generation generate request req data params n num number value field
    media list item items 1 2 3
    """
AROUND: Final = frozenset(_AROUND.split())
"""Words that may stand beside such a part: a `prompt_id` or a `duration_limit` is no prompt and no duration."""

IN_PASSING: Final = frozenset({
    "text", "input", "inputs", "description", "content", "contents", "message", "num", "count",
    "length", "ratio", "mode", "caption", "instruction", "大小", "数量",
})  # fmt: skip
"""Names that prose uses for other things, too: they count in quotes, or as the subject of a complaint."""

ALONE: Final = {"n": r"n(?!/|'[a-z])"}
"""A name of one letter, which is not that of `n/a`."""

IDENTITY: Final = frozenset({
    "model", "modelname", "modelid", "apikey", "xapikey", "key", "token", "accesstoken", "project",
    "projectid", "authorization", "organization", "account", "accountid", "user", "userid",
    "workspace", "version", "secret", "appid", "credential", "credentials", "engine",
    "deployment", "header", "signature", "appkey", "subscription",
})  # fmt: skip
"""Fields that say who asks whom: a complaint of these is met by every create there is."""

OF_A_FILE: Final = re.compile(
    r"\b(?:(?:reference|ref|source|uploaded|upload|audio|voice|music|mask|start|end|init|original|driving|cover|first|last|tail)(?: (?:image|video|audio|file|clip|frame|voice)s?)*|input (?:image|video|audio|file)s?|(?:image|video|audio|media) files?)"
    r"(?:'s)? (?:size|duration|length|resolution|dimensions?|width|height|aspect ratio|ratio|seconds)\b"
    r"|\d ?[kmg]i?b\b|(?:首帧|尾帧|参考|音频|上传的?|原图|素材|封面|蒙版|输入的?图|文件)[^。，]{0,6}(?:尺寸|大小|时长|分辨率|宽|高|比例|长度)"
)
"""A size or a duration of what is uploaded, which we never do."""

OTHER_SUBJECT: Final = re.compile(
    r"^(?:the |an? |your |parameter |param |field |argument |value of )*['\"\[(`]?((?:(?:input|init|start|end|first|last|reference|source|target|mask|tail|image|video|audio|callback|webhook|task|output|negative|cfg|motion|camera) )?"
    r"(?:image|images|video|videos|audio|voice|mode|style|seed|type|format|url|urls|frame|image list|template|effect|avatar|scale|steps|prompt|control|quality|mask))['\"\])`]?"
    r"(?: field| parameter| param)?(?: value)?(?: ['\"][^'\"]{0,40}['\"])? ?(?:(?:is|are|was) (?:a )?(?:required|missing|invalid|empty|blank|not (?:valid|supported|allowed|provided)|unsupported|mandatory)|must|should|can ?not|can't|may not|不能为空|必填|无效|缺失|不支持)"
)
"""A sentence whose subject is a field by its plain name; which it is, is for the reader to compare."""

UPLOADED: Final = re.compile(r"\breceived (?:an? )?(?:image|video|file) with\b")
"""What follows is how a file was that we never send, so the whole text is about it."""

NEGATIVE: Final = re.compile(r"\b(?:negative|system|reference)(?: \w+)? (?:prompts?|text)\b")
"""Names of other fields that end like ours."""
IN_CASE: Final = re.compile(
    r"\b(?:when|if|unless|once|while|together with|along with)\b(?! (?:it is )?(?:given|provided|specified|set|present)\b)"
)
"""What follows is the case in which something else is wrong."""

UNREADABLE: Final = re.compile(r"\bunknown name ['\"]?\w+|\bcannot find field\b")
"""How protobuf's reader of JSON speaks (docs/wire.md §8.2): no create of this form gets as far as a validator."""
ESSENTIAL: Final = frozenset({"prompt", "prompts", "messages"})
"""No create goes without these: who does not take them takes no create of ours at all."""

WHO_ASKS: Final = re.compile(
    r"(?:^|[,:] )(?:unsupported|unknown|invalid|unrecogni[sz]ed) (?:(?!(?:for|of|by|in|with|value)\b)[\w-]+ ){0,2}model\b|^(?:[-*•] ?)?(?:the |a |parameter |param |field |body[./ ]|request[./ ]|missing (?:required )?(?:parameter|field|param):? )*['\"]?"
    r"(?:model(?: name| id)?|api ?key|(?:access )?token|project(?: id)?|app ?id|account(?: id)?|user(?: id)?|organi[sz]ation|workspace|signature|version)['\"]?"
    r"(?: field| parameter| param)? ?(?::|(?:is|are) (?:a )?(?:required|missing|invalid|empty|not)\b|must|should|cannot|can't|required|field required|不能|必[须填传]|为空|无效|缺)"
)
"""A sentence whose subject says who asks: a complaint of it is met by every create."""

_OF_NAMES: Final = r"(?:param(?:eter)?|argument|property|option|attribute|kwarg)s?"
_OF_FIELDS: Final = rf"(?:{_OF_NAMES}|fields?|inputs?|keys?)"
UNKNOWN_NAME: Final = re.compile(
    rf"\b(?:unknown|unrecogni[sz]ed|unexpected|unsupported) (?:request |keyword |input )?{_OF_NAMES}\b(?! (?:values?|errors?)\b)"
    rf"|\b(?:extra|extraneous|additional|undeclared|forbidden) {_OF_FIELDS}\b(?! (?:values?|errors?)\b)"
    rf"|\b{_OF_NAMES} (?:['\"`]?[\w.-]+['\"`]? )?(?:is |are )?(?:not (?:supported|recogni[sz]ed|known)|unsupported|unknown)\b(?! value)"
    rf"|\b(?:available|allowed|valid|known|accepted) {_OF_FIELDS}(?: (?:for|of) [\w.-]+)? are\b"
    rf"|(?:未知|多余|额外)的?(?:参数|字段|属性)(?!值)"
)
"""Whoever does not know a field refuses every create that has it, whatever stands in it."""

CONTAINERS: Final = frozenset({
    "body", "data", "root", "request", "requestbody", "payload", "json", "input", "inputs", "parameters", "params",
    "query", "attributes", "instances", "options", "args", "arguments", "form", "fields", "config", "requestdata",
})  # fmt: skip
"""Names of what holds the fields: a complaint of these is about any of them."""

BEFORE: Final = (
    r"predicate failed|undefined\b|(?:is|was|are) (?:none|nil)\b|(?:n't|not|has ?n[o']t been|have ?n[o']t been) (?:valid|provided|given|set|specified|supplied|supported|filled|filled in|in \()|no (?:more|less) than|(?:param(?:eter)?|format|type|value) (?:error|mismatch)|(?:is|are) abnormal|(?<=\] )not found|unexpected|not in ?[{\\[(]|not (?:included |one )?(?:in|of) (?:the )?(?:allowed |supported |permitted |valid |available )?(?:list|enum|set|choices|options|values|sizes|resolutions|durations|ratios)\b|unknown (?:parameter )?(?:variant|value|option)|could not be (?:converted|parsed|bound|decoded)|ha(?:s|ve) (?:to be|no)\b|can only be|ensure|not a valid|be left|is required|are required|required|mandatory|must|should|(?:cannot|can't|can not|may not)(?= (?:also |both )?(?:be (?:an? )?(?:empty|blank|null|none|nil|zero|negative|odd|even|less|more|fewer|greater|larger|bigger|smaller|longer|shorter|higher|lower|below|above|over|under|outside|undefined|omitted|missing|parsed|converted|cast|coerced|left|used (?:with|together|in)|combined|specified|set|\d|['\"]|string|number|integer|list|array|object|boolean|dict)|exceed|contain|have|include|start|end|consist|parse|convert)\b)|"
    r"(?:is|are|was|were|has|have|contains?|field)? ?(?:not (?:an? )?|in|un)(?:valid(?! (?:request|json|body|credentials?|url|payload))|supported|allowed|acceptable|correct|available|permitted|recogni[sz]ed|specified|provided|set|present|given|found in)|"
    r"missing|empty|blank|null|at least|at most|minimum|maximum|between|(?:out of|in|within) (?:the )?(?:allowed |valid |supported |permitted )?(?:range|bounds?)|too (?:short|small|long|large|few|low|big)|"
    r"(?:less|greater|smaller|larger|shorter|longer|lower|higher|fewer) than|below|above|one of|(?:invalid|malformed|bad)(?! (?:request|json|body|credentials?|url|payload))|unsupported|illegal|wrong|odd|"
    r"(?:is|are) not (?:an? )?|not an? (?:\w+ )?(?:value|option|number)|limit(?:s|ed)? (?:is|to|of)\b|does ?n[o']t|fail(?:s|ed)? (?:valid|on the|schema|to (?:pass|meet|match)|check)|lack|expected|need|only (?:supports?|accepts?|allows?)|(?:min|max) ?(?:length|items|imum)|exceeds?|validation|constraint|violat|"
    r"不支援|不合法|不合规|长度限制|限制[为在\d]|未设置|没有?填写?|仅允许|最[大小][值为]|未识别|(?:校验|验证|检验|参数|传参|解析|转换|格式|类型)(?:失败|错误|不通过|未通过|不正确|异常)|同时为空|只能|应是|不[被受]支持|未提供|未传|未填|缺失|至少|至多|最多|不[能得可应](?:为|是|超过|小于|大于|低于|高于|少于|多于|短于|长于|包含|含有|以|同时|重复|留空|缺)|为空|必填|必须|不合法|无效|非法|错误|不支持|缺少|缺失|范围|取值|应为|应该|仅支持|只支持|不得|大于|小于|超出|超过|超限|有误|不正确|不符合|未填|不可|太[短长小大少多]|过[短长小大少多]|需要?[在为大小是]|应[在当]|不应|之[间外一]|期望|预期|必[需选传]|不匹配|不是|介于|不允许|非空|请(?:填写|选择|输入|提供)|留空|不在|不存在|不包含|重复|等于|"
    r"入力してください|필수|비어|obligator|requerid|obbligator|wajib|zorunlu|verplicht|wymagan|입력해|obrigat|no puede|obligatoire|requis|erforderlich|darf nicht|обязател|не может|должн|\btrop\b|invalide|\bdoit\b|zwingend|\bmuss\b|ung[üu]ltig|demasiado|\bdebe|inv[aá]lid[oa]|\bdeve\b|n[ãa]o pode|kein(?:e|en)? g[üu]ltig|erwartet|esperaba|attendu|requis|requiert|tenga|menos|no es |n'est pas|inferior|doit[ -]|deber|でなければ|必要があり|できません|ではありません|にしてください|いけない|期待され|小さすぎ|无效な|여야|해야|없습니다|않은|이상|필수|잘못된|너무|ожидалось|слишком|неверн|убедитесь|введите|нет среди|bắt buộc|không hợp lệ"
)
AFTER: Final = (
    r"(?:error|failed) (?:converting|parsing|decoding)|(?:allowed|valid|supported|accepted|permitted|possible) (?:values?|options?)(?: (?:for|of|are))?|type mismatch|(?:could|can) ?not (?:be )?(?:convert|parse|deserialize|unmarshal|decode)|please input|needs?|unknown|(?:un|not )recogni[sz]ed|param(?:eter)?s? errors?|needs? an?|at least one|[\"']?key ?error[\"']?|only [\w]{1,6}(?: (?:and|or) \w{1,6})?|only (?:supports?|accepts?|allows?)|(?:not|un) ?(?:available|permitted)(?: for)?|invalid(?: value)?(?! request)|missing(?: (?:a )?keys?\b:?)?|required|requires?|empty|blank|illegal|unsupported|incorrect|wrong|malformed|bad(?! request)|unexpected|(?:not )?valid (?:for|as)|at least|needs? to (?:pass|send|be)|pass|no|lack(?:s|ing)?|without|"
    r"(?:does|do|did) ?n[o']t (?:support|accept|allow|have|contain|include)|not support(?:ed)?|"
    r"provide|specify|enter|supply|include|contain|set|check|too (?:short|small|long|large|few)|"
    r"validat(?!ing\b)\w+|failed on|cannot (?:deserialize|parse|unmarshal|convert|be)|deseriali[sz]e|unmarshal|parse|"
    r"must (?:have|contain|provide|include|specify)|must be (?:one of|in|between)|expected|"
    r"必[需填选传](?:的)?(?:属性|字段|参数|项)?|未(?:正常)?(?:接收|收到|提供|传入|填写|设置)到?|parameter|variable|field|argument|property|字段|缺少|缺失|无效的?|非法的?|不支持的?|请先?(?:正确)?(?:输入|提供|填写|选择|传入|指定|传)(?:一个)?(?:正确的?|有效的?|合法的?)?|错误的?|参数|校验|暂不支持该?|请(?:设置|检查)(?:参数)?"
)
ELSE: Final = re.compile(
    r"\b(?:host|dns|lookup|services?|feature|endpoint|account|api|billing|plan|users?|gpu|worker|server|credits?|"
    r"balance|upgrad\w+|premium|trial|paid|purchase\w*|quotas?|allowance|log ?in|permissions?|roles?|regions?|countr(?:y|ies)|backends?|offline|unavailable|disabled|block(?:ed)?|banned|closed|expired|flag|storage|workspace|team|tenant|subscri\w+|customers?|enterprise|verified|remaining|used up|"
    r"key|token|organi[sz]ation|package|wallet|subscription|tier|licen[sc]e|maintenance|moment|now|later|today|because|due to|since|refused|denied|ignored|enqueue|rejected|processed|queue)\b|服务"
)
"""What may not stand between a field and the complaint: then it is about something else."""

_NO_ASKER: Final = r"(?! (?:inputs?|prompts?|messages?|contents?|text|requests?|roles?)\b)"
OURS: Final = re.compile(
    r"\byour (?:current )?(?:plan|tier|subscription|account|organi[sz]ation|workspace|team|balance|key)\b"
    rf"|\b(?:this|your|every|each|these) (?:\w+ )?(?:users?|roles?|keys?)\b{_NO_ASKER}"
    rf"|\b(?:for|of|by|to) (?:an? |the |all |any |some )?(?:\w+ )?users?\b{_NO_ASKER}|\busers? (?:can|may|must|is|are|has|have)\b"
    r"|套餐|会员|等级|权益|积分|额度|余额|[账帐][号户]|实名|企业|付费|订阅|次数|剩余|vip|租户|组织|角色|白名单|登录"
)
"""A complaint that speaks of what is ours, or of who asks, is about us, whatever else it names."""

_TEXTS: Final = r"(?:prompts?|texts?|contents?|messages?|inputs?|words?)"
_EXCEEDED: Final = re.compile(r"exceed|limit (?:is |was )?reached|超(?![长短])")
_BOUND: Final = re.compile(
    r"\d|allow|permit|range|bound|context window|characters?\b|chars\b|words\b|length|pixels|(?:min|max)(?:imum)? (?:value|length)|minimum|(?<!total )\b(?:video|image|clip|prompt|text) (?:duration|size|length|resolution|width|height)\b|长度|字符|字数|范围|取值|最[大小]值"
)
_DOUBTFUL: Final = re.compile(
    r"(?:请求|生成|处理|排队|等待|执行|运行|响应)(?:时间|时长)[^。，]{0,3}[过超]长|"
    r"\b(?:you|we) (?:only |still )?have (?:no|only|used|\d)|\bleft\b(?! (?:blank|empty|out))|\bno more\b(?! than\b)"
    r"|\b(?:required|needed|present|available)\b[a-z ]{0,20}: ?\d+\b.*\b(?:have|present|left|available)\b|\byou need\b(?! to\b)"
    rf"|^(?!.*\bvalues? (?:of|for)\b).*(?<!empty )(?<!blank )(?<!null )\b{_TEXTS}\b['\"]?(?: is| are|:)? (?:also )?not (?:allowed|permitted|accepted)\b(?! to be)"
    r"|\bcontains? (?:an? |some )?(?:not allowed|illegal|invalid|unsupported|unknown|bad|wrong) (?:words?|characters?|text|content)\b"
    r"|^(?!.*\b(?:keys?|propert(?:y|ies)|param(?:eter)?s?|fields?|arguments?)\b).*\bfound\b(?! in\b)"
)


def is_doubtful(clause: str) -> bool:
    """Whether a sentence in validators' words may as well be about what somebody has used up, or about content.

    A limit that is exceeded is a field's where it is told which, or how it is counted.
    """
    exceeded = _EXCEEDED.search(clause) is not None and _BOUND.search(clause) is None
    return exceeded or _DOUBTFUL.search(clause) is not None


COLON: Final = re.compile(
    r"(?::|\s-\s)(?:(?:the|this|an?|its?|your|you|is|should|have|selected|valid|value|field|str|int|float|bool|string|text|input|length|number|integer|array|list|data|type|parameter|property|dieses?r?|feld|ist|ce|champ|este|campo|esta|l[ea]s?|el|o|d(?:er|ie|as)"
    r"|\d+|['\"][^'\"]*['\"])\b|[^a-z]|\b[a-z]\b)*\Z"
)
"""What may follow a colon between a field and the complaint: no subject of its own."""
