"""Words of the lexicon, first half: refusals of us, our account, our request's content. Data, no logic.

Codes are words, too: `CreditInsufficient` and `BILLING_BALANCE_NOT_ENOUGH` are read as the sentences they
abbreviate. Every pattern sees one clause in lower case, blanks for underscores and camel case taken apart.
Numbers mean something only in provider files.
"""

from __future__ import annotations

from typing import Final

from genmedia_exporter.classify.topics import PER_TIME, Entry, Topic

_OURS = (
    r"(?:accounts?|users?|organi[sz]ations?|orgs?|workspaces?|tenants?|clients?|customers?|resources?|"
    r"subscriptions?|teams?|billing account|profile|账号|账户|帐号|帐户|用户|组织)"
)
_SHUT = (
    r"(?:suspend|block|\bban\b|banned|deactivat|disabl|\block(?:ed)?\b|froze|freez|terminat|closed?\b|"
    r"closure|inactive|restricted|cancel+ed|not active|abnormal|arrested|flagged|under review|in violation|good standing|no longer (?:use|create|access|generate))"
)
_PLACE = r"(?:countr(?:y|ies)|regions?|territor(?:y|ies)|locations?|jurisdictions?|geograph\w+)"
_MONEY = (
    r"(?:balances?|credits?|(?:compute |usage )units?|funds?|quotas?|points?|coins|wallet|money|budgets?|prepaid|prepayment|"
    r"kudos|spend(?:ing)?|resource pack(?:age)?|top ?up)"
)
_SHORT = (
    r"(?:insufficient|not (?:be )?sufficient|not (?:have )?enough|n't (?:have )?(?:enough|any)\b|exhaust|used up|used all|exceed|over limit|deplet|empty|negative|too low|"
    r"\blow\b|lack|expired|overdue|run out|ran out|ha(?:s|ve) reached|limit reached|quota reached|reached (?:its|your|the)|\bzero\b|consumed|cap (?:reached|exceeded|hit)|over (?:budget|quota))"
)
_KEY = (
    r"(?:api ?keys?|access ?keys?|secret ?keys?|app ?keys?|secret ?id|access ?token|auth(?:entication|orization)? ?(?:token|header|key|info)|"
    r"\btokens?\b|credentials?|signatures?|\bjwt\b|bearer|session|cookies?|\bsecret\b|\bkey\b)"
)
_WRONG = (
    r"(?:invalid|incorrect|wrong|missing|expired?|malformed|unknown|\bbad\b|revoked|unrecogni[sz]ed|mismatch|"
    r"not (?:found|valid|exist|provided|match|recogni[sz]ed|set|passed|correct|configured|present|registered|supplied|specified|active)|does ?n[o']t (?:match|exist)|"
    r"required|illegal|(?:can ?not|can't|must not|should not|is|was) (?:be )?(?:empty|blank|null)|fail(?:ed|ure)|(?:could|can) ?not be (?:validated|verified|found)|was not provided|disabled|deleted)"
)
REFUSALS: Final[tuple[Entry, ...]] = (
    Entry(
        Topic.CAPTCHA,
        (
            r"captcha|unusual (?:activity|traffic)|turnstile|sentinel|风控|\bshark (?:not pass|check|admin)|bot abuse|异常行为|risk control|risk_control|人机验证|滑块",
            r"phone number.{0,20}(?:requir|verif)|verify a phone|something (?:didn|did)['’]?.?n?t? look right",
            r"(?:cloudflare|cf) (?:challenge|shield|block\w*|denied|protection|clearance)|challenge[ -](?:page|platform|required)|verify (?:that )?you(?:['’]re| are) (?:a |an )?(?:human|person|not a (?:ro)?bot)|suspicious (?:activity|behaviou?r)|proof of work|\bcf[- ]please[- ]wait|just a moment|\b(?:rejected|blocked|denied|refused|stopped) by (?:an? |the |our |its )?anti[- ]?bot\b|\banti[- ]?bot (?:rules?|challenge|verification)\b|^anti[- ]?bot (?:rejected|blocked|denied)$|反(?:机器人|爬虫?)(?:规则|策略|机制|检测|验证)|bot (?:detect|protect|traffic)",
        ),
        (
            r"captcha must be|sentinel value|content risk|pass (?:the )?risk|(?<!tier )account\b.{0,60}(?:disabled|suspended|banned|locked|closed)",
        ),
    ),
    Entry(
        Topic.POOL,
        (
            r"cooling down|账号池|号池|cookie ?pool|account pool|token pool",
            r"\bno (?:available )?credentials (?:are )?available\b|no (?:available|usable|healthy|enabled|working) (?:api )?keys?\b|all (?:api )?keys? (?:are |were |have been )?(?:in cool|cooling|cooled|exhausted|rate)",
            r"no (?:available |valid |usable |more |active |healthy )?(?:auths?|accounts?|sessions?|cookies?|pro tokens?|tokens?|models) (?:is |are |was |were |left |found |currently )*(?:available|for\b|in the pool|left)",
            r"no (?:available|usable|healthy|valid) (?:auth|accounts?|cookies?|sessions?|pro tokens|tokens|models for)\b|no accounts?\b(?! (?:found|exists|with))|all (?:tokens|accounts|cookies) (?:are|have|were|exhausted|failed|unhealthy|disabled|cooling|banned|expired|limited)",
            r"(?:没有|无)可用的? ?(?:账号|帐号|账户|令牌|cookie|token)|auth not found|(?:账号|帐号|账户|令牌|密钥|cookie)[^。]{0,6}冷却",
        ),
        (
            r"insufficient (?:balance|credit)|no models? (?:are )?available (?:in|for) your",
            r"不支持[^。，]{0,4}模型|not support (?:the |this |that )?(?:requested )?model|accounts? (?:that )?support(?:s|ing)? (?:the |this |requested )*model",
        ),
    ),
    Entry(
        Topic.REGION,
        (
            _PLACE
            + r".{0,60}(?:not (?:supported|available|allowed|permitted|served|authorized)|unsupported|restrict|block|unavailable|prohibit|forbidden|denied|isn't supported)",
            r"(?:not (?:be )?(?:available|supported|allowed|offered|accessible)|unavailable|unsupported|restricted|blocked).{0,40}\b(?:in|for|from|at) (?:your|this|the|certain) (?:current )?"
            + _PLACE,
            r"unsupported " + _PLACE,
            r"(?:requests?|users?|access|traffic|customers?|calls?) from (?:this|your|certain) "
            + _PLACE,
            r"\bip(?: address(?:es)?)?\b.{0,50}(?:not (?:in|on|allowed|authori[sz]ed|permitted|whitelist|within)|white ?list|allow ?list|forbidden|restrict|denied)|your ip\b|ip (?:allow|white) ?list|not (?:authori[sz]ed|allowed) (?:from this |for this )?ip",
            r"virtual network|firewall rules?|network (?:acl|restriction|policy|security)|geo ?(?:block|restrict|fenc)\w*|\bvpc\b|private endpoints?\b|public (?:network )?access (?:is |was |has been )?(?:disabled|denied|not allowed)|\blocations? (?:org )?polic",
            r"(?:地区|国家|区域|地域)[^。]{0,12}(?:不支持|限制|不可用|无法|禁止)|不支持[^。]{0,8}(?:地区|国家|区域)|(?<![a-z])ip(?![a-z])[^。]{0,10}(?:不在|未在|白名单|限制|禁止|未授权)|指定网段",
            r"(?:only |approved |allowed |permitted |whitelisted )(?:from )?(?:the )?ip\b|\bip (?:range|segment)s?\b",
        ),
        (
            r"request was blocked.{0,20}region of the image",
            r"rate[- ]limit(?:s|ed|ing)? (?:on )?(?:your|the|this|an?) ip\b",
        ),
    ),
    Entry(
        Topic.CONCURRENCY,
        (
            r"concurren|\bparallel\b|in[- ]?flight|simultaneous|inflight|(?:jobs?|tasks?|videos?|images?|generations?|requests?) at (?:a|the same) time",
            r"\bactive (?:jobs?|tasks?|generations?) (?:already )?exists?\b|too many (?:running|pending|active|queued|ongoing|open|unfinished) |too many (?:\w+ )?(?:jobs?|tasks?|generations?|videos?|images?) (?:are |is |in )*(?:running|pending|active|queued|queue|progress|process)|(?:running|pending|active|queued|ongoing|unfinished) (?:tasks?|jobs?|generations?|requests?|videos?).{0,30}(?:limit|exceed|maximum|reached)",
            r"(?:limit|maximum|max).{0,30}(?:running|pending|active|queued|ongoing|unfinished) (?:tasks?|jobs?|generations?|requests?)",
            r"already ha(?:ve|s) (?:\d+|an?|another) (?:running|active|pending|queued|unfinished)|already (?:running|in progress|being (?:processed|generated)|processing|generating)|previous (?:task|job|generation) (?:is )?(?:still|not)",
            r"queue(?: is)? full|queue max(?:ed|imum)|full queue|\bslots?\b.{0,30}(?:full|taken|use|exhaust|limit|available)|no (?:free |available )?slots?\b",
            r"并发|队列已满|同时(?:进行|运行|处理|生成)|任务数(?:超|已达|达到)|(?:已?有|存在).{0,8}任务.{0,8}(?:进行|生成|处理|运行|执行)中|排队(?:已满|任务过多)|(?:上一个|前一个|之前的)[^。]{0,10}(?:完成|结束)",
        ),
        (
            r"acquire concurrency",
            r"parallel(?:ism)? must",
            r"\b(?:set|used|specified|given) simultaneously\b",
        ),
    ),
    Entry(
        Topic.DAILY,
        (
            r"\b(?:daily|per day|a day|per ?day|today|each day|24 ?h(?:ours?)?|tomorrow|monthly|per month|this month|weekly)\b.{0,60}(?:limit|quota|allocation|exceed|exhaust|used|reached|allowance|cap\b|maximum|try again)",
            r"(?:limit|quota|allocation|exceed|exhaust|used up|reached|allowance|maximum).{0,60}\b(?:daily|per day|a day|per ?day|for today|each day|24 ?h(?:ours?)?|tomorrow|this month|per month)\b",
            r"free (?:tier )?allocation|\bfree usage\b.{0,20}\b(?:used|exhausted|reached)|\bused all (?:of )?(?:the |your )?(?:included )?free usage|allocation quota|too many \w+ (?:per|a|each) (?:day|week|month)|trial.{0,20}limit|set limit exceeded|(?:每日|每天|今日|今天|当日|当天|本月|每月|本周|每周)[^。]{0,20}(?:限|上限|次数|额度|配额|用完|用尽|已达)|(?:次数|额度|配额|上限)[^。]{0,12}(?:明天|明日|次日)",
        ),
        (r"monthly included credits|monthly spending", r"free tier only"),
    ),
    Entry(
        Topic.MONEY,
        (
            _SHORT + r"[^:]{0,30}\b" + _MONEY + r"\b",
            r"\b" + _MONEY + r"\b.{0,45}" + _SHORT,
            r"(?:\bno\b|\bzero\b|out of|need(?: more)?|requires?|enough|buy|purchase|add)(?: more| any| your| pre ?paid| remaining| available| sufficient| at least| \d+){0,3} (?:credits?|funds|balance|points|quota)\b|credits? (?:required|remaining: ?0|needed)|(?:required|needed) (?:credits?|kudos)\b|\b(?:balance|credits?|quota|points)\b (?:must|should|has to|needs to) be (?:greater|more|higher|at least|above|positive|[>≥])",
            r"\ball of your (?:\w+ ){0,4}(?:calls|credits|generations|images) (?:are|were|have been) consumed\b|out of call volume quota|\b(?:quota|budget|allowance)s? (?:is |was |has been )?reached|\bdeposits?\b|in arrears?|arrears|arrearage|\boverdue\b|payment required|past due|unpaid|\btop[ -]?up\b|recharge|insufficient funds|(?:no|add a|valid|missing|update your) payment method|(?:payment|charge|card).{0,30}(?:fail|declin|reject)|unpaid invoice|invoice.{0,30}(?:unpaid|overdue|is paid|fail)|billing (?:hard )?limit|wallet",
            r"\binsufficient (?:buzz|kudos|coins?|gems?|pollen|sparks?|diamonds?|stars|bananas|energy)\b|billing.{0,30}(?:not (?:active|enabled|set ?up|be enabled)|disabled|inactive|required|to be enabled|expired|suspended)|(?:enable|activate|set ?up) billing|billing (?:auth|balance)",
            r"(?:free )?trial (?:has |have |is |period )*(?:expired|ended|over|used)|free tier only|free (?:tier|quota|trial)\b.{0,30}(?:exhaust|used up|run out)|subscription (?:has |is )*(?:expired|lapsed|ended|past)|(?:plan|package) (?:has |is )*(?:expired|used up|exhausted)|(?:purchase|buy) (?:a plan|credits)",
            r"(?:not enough|insufficient|run out of|out of) (?:api |paid |subscription )?tokens|used all available credits|\b(?:used|spent|consumed) all (?:of )?(?:your|its|the) (?:\w+ ){0,2}(?:credits|generations|images|videos|uses|requests|quota)\b(?!.{0,30}\b(?:min(?:ute)?|sec(?:ond)?|hour)\b)|spend(?:ing)? (?:limit|cap)|(?:run|ran) out of (?:\w+ )?(?:generations?|images?|videos?|minutes|uses)\b|\b(?:0|no|zero) (?:more )?(?:\w+ )?(?:generations?|images?|videos?|minutes|uses) (?:left|remaining|more|today)|cost limit|usage limit (?:exceeded|reached)|key limit exceeded",
            r"\b(?:keys?|accounts?|users?|you|organi[sz]ations?|teams?) (?:do(?:es)? not|do(?:es)?n't|did not|didn't) have (?:enough|sufficient) (?:remaining |available )?(?!\w*(?:permission|privilege|right|access|role|scope|capacit|resource|frame|pixel|length|duration|resolution|size|memory|vram|image|video|photo|picture|character|word|context|detail|information|data|time|quality|worker|gpu|concurren|slot)\w*\b)\w+(?: \([\d.]+\))? to (?:fulfil+|complete|process|perform|make|run|submit|create|pay for|cover) (?:this|the|your|a|that)\b",
            r"余额(?!查询)|欠费|充值|积分(?:不足|不够|已用)|点数(?:不足|不够)|(?:额度|配额|用量)(?:不足|已?用尽|已?用完|耗尽|已?超|不够)|预扣费|扣费失败|算力(?:不足|不够|点)|次数(?:已)?(?:用完|用尽|不足)|(?:套餐|资源包|会员|订阅)(?:已)?(?:用完|用尽|到期|过期|耗尽|不足)|请购买|开通付费|(?:购买|开通)[^。]{0,4}资源包|用量上限|余量(?:不足|已?耗尽|已?用尽|已?用完)|(?:灵感|能量|算力|创作|体力|金|星|豆)[^。，\s]{0,2}不足|试用[^。]{0,6}(?:结束|到期|过期|用完|用尽)|(?:支付|付款|扣款)(?:失败|被拒)|(?:需要?|请先?|须)付费(?!用户|会员|账|版)",
        ),
        (
            PER_TIME,
            r"concurren|parallel|并发",
            r"increase your (?:rate )?limit|rate limit by",
            r"credits? card must|max(?:imum)? tokens|budget tokens|(?:thinking|pixel) budget",
            r"(?:list|string|array|body|value|text|field|input|prompt|content|messages?) (?:is|was|are|must not be|cannot be|can't be|should not be) empty",
        ),
    ),
    Entry(
        Topic.ACCOUNT,
        (
            _OURS + r"\b[^:]{0,45}" + _SHUT,
            r"(?:suspended|blocked|banned|deactivated|disabled|locked|frozen|terminated|closed|inactive) "
            + _OURS
            + r"\b",
            r"access (?:was|has been) (?:terminated|revoked)|admin lock|(?:consumer|gcp) suspended|\bconsumer ['\"][^'\"]{1,80}['\"] (?:has been|is|was) suspended|(?:user|account|client)[ _]?(?:locked|banned|disabled|blocked|suspended|deactivated)|invalid account ?status|account (?:exception|status|problem|state (?:is )?invalid|error\b)",
            r"(?:账号|账户|帐号|帐户|用户|组织)[^。]{0,14}(?:封禁|冻结|被锁|锁定|禁用|停用|注销|异常|封停|被封|停服|停机)|封禁|封号",
        ),
        (
            r"balance|arrear|overdue|insufficient|top ?up|billing|欠费|余额",
            r"ip (?:address )?(?:is |was )?blocked|by (?:the |its )?operator|client application",
            r"user'?s? (?:prompt|content|input|request)|resource (?:exhausted|not found)|client (?:closed|cancel)|user (?:has |was )?cancel|cancel+ed by|account (?:not|has insufficient)",
            r"resources? (?:are |is )?(?:currently |temporarily )?(?:unavailable|busy)",
        ),
    ),
    Entry(
        Topic.SESSION,
        (
            r"\brefresh token\b.{0,20}(?:reject|expired|invalid|revoked|failed)|\blog ?in (?:error|expired|state)|check login|(?:session(?: ?id)?|cookies?)\b.{0,20}(?:expired|invalid|not valid|lost)|(?:invalid|expired) (?:session(?: ?id)?|cookies?)\b",
            r"(?:登录态?|会话|cookie)[^。]{0,8}(?:失效|过期)",
        ),
    ),
    Entry(
        Topic.KEY,
        (
            _WRONG
            + r"(?: (?:or|and|your|the|an?|user|request|provided|proxy|server|openai|virtual|auth|authentication|required|parameter:?|header:?|field:?|valid|client))*[ '\"`:]{1,3}"
            + _KEY,
            r"\b" + _KEY + r"[^;]{0,45}" + _WRONG,
            r"\b(?:no|did ?n[o'’]t (?:provide|send|include) an?) (?:api ?key|token|credentials?|authorization|auth(?:entication)?)\b|not a valid (?:api ?key|token|key)|lacks? (?:an? )?(?:api ?key|token)|\bapi ?key error\b",
            r"\bsign\b.{0,12}(?:verif|valid|check|error|fail|mismatch|wrong)|unauthenticated|unauthori[sz]ed|not authenticated|auth(?:entication|orization)? (?:failed|failure|error|required|hook|token|is required|invalid|credentials)|invalid auth|client authentication|invalid client|authorized error",
            r"fail\w* to (?:get|read|parse) the authorization header|auth failure|invalid (?:account|user)\b|\blog ?in (?:fail|required|expired|first|again|to continue)|login fail|need(?:s|ed)? (?:user |to )?log ?in|user login\b|not logged in|(?:please |first )?(?:log ?in|sign in) (?:to|first|again)|please (?:log ?in|sign in)|session expired|missing authentication|certificate required|signature (?:does not|doesn't) conform|incomplete signature|due to expired timestamps?",
            r"(?:令牌|密钥|token|api ?key|签名|凭证|凭据|鉴权|秘钥)[^。]{0,14}(?:无效|错误|过期|不存在|失效|不可用|失败|不匹配|不正确|缺失|为空|被?删除|被?禁用|被?停用|被?吊销)|无效的?(?:令牌|密钥|token|api)|未提供(?:令牌|密钥)|(?:鉴权|认证|身份验证|登录|验签)(?:失败|不通过|未通过|错误|已过期|过期)|未登录|请(?:先|重新)?登录|未认证|(?:缺少|未提供|没有)(?:授权|认证|鉴权)(?:信息|头|凭证)?",
        ),
        (
            r"(?:max(?:imum)?|input|output|prompt|completion|context|new|total|number of|num|image|text|unexpected|parse|per) tokens?|illegal tokens? (?:at|in|on|near)\b",
            r"unexpected token|tokens? (?:limit|count|per|quota|exceed|are either|available|used|in json)|token (?:at|in) (?:json|position)",
            r"key: '|primary key|foreign key|keyword|\bkeys? (?:in|of) (?:the )?(?:body|object|json)|unrecognized keys?|unknown keys?|extra keys?|key ?frame|required keys? (?:[\[('\"]|not provided @)|keys? [\['\"](?:prompt|text|input|seconds|duration|size|n)\b|missing (?:a )?keys?:? ['\"]?(?!api)|api ?key (?:quota|limit|budget)|\b(?:seed|object|dict|req|style|template|voice|image|video|effect|avatar|cache) key\b|invalid key (?:in|for) |invalid key: expected|(?<!api )(?<!access )(?<!secret )(?<!app )\b(?:keys?|properties) or (?:an? )?(?:invalid |wrong |bad |incorrect |illegal )?values?\b|\bvalues? or (?:an? )?(?:invalid |wrong |bad |incorrect |illegal |unknown )?keys?\b|\b(?:extraneous|additional|unexpected|duplicate) keys?\b",
            r"\bno (?:\w+ )?(?:credentials?|keys?|tokens?) (?:configured |set |found |available )*for (?:the )?(?:provider|upstream|channel)\b|\bsession not found\b|\bapi ?keys? (?:is |are )?not (?:configured|set up)\b",
            r"default credentials|(?:locate|load) (?:the |any )?credentials",
            r"idempotency|session (?:capacity|limit)|signature of the (?:function|method)",
            r"\b(?:lacks?|missing|without|insufficient) (?:the )?(?:\w+ )?(?:permissions?|scopes?|privileges?|rights?)\b",
        ),
    ),
    Entry(
        Topic.CONTENT,
        (
            r"(?:content|prompt|text|image|input|output|audit|video|creation|task|request|generat\w+)s?\b.{0,60}(?:polic(?:y|ies)|moderat|violat|illegal content|sensitive|prohibit|unsafe|inappropriate|\bflagged|filter|\bnsfw|不安全|guideline)",
            r"\b(?:script|dialogue|audio|text|prompt|image|video|content|output)s? (?:was |were |is |are |has been |have been )?filtered\b|\bphoto ?realistic (?:people|persons?|humans?|faces?)\b|\bpii detected\b|\bunsafe generation\b|\bcontent\b.{0,60}\b(?:is|was|been|are|were) blocked\b|\bsupport codes?: ?\d{7}",
            r"\b(?:contains?|includes?) (?:an? |some )?(?:text|words?|language|material|terms?) (?:that|which) (?:is|are) (?:not (?:allowed|permitted)|prohibited|forbidden)\b",
            r"infring(?:e|ing)|(?:faq|custom) r[uo]le\b.{0,12}blocked|blocked by (?:the |an? )?(?:faq|custom) rule|illegal (?:prompts?|contents?|images?|words?)|(?:sensitive|prohibited|unsafe|banned|inappropriate|harmful|offensive|explicit|sexual|violent|forbidden|new)[ _](?:\w+ )?(?:prompts?|content|images?|words?|text|inputs?|sensitive|material|messages?)|censor",
            r"\bpublic error (?:\w+ ){0,3}(?:detected|unsafe\w*|violat\w*|filtered)\b|safety (?:system|filter|check|guard|polic|violat|reject|block|reason|setting(?:s)? block|input|output)|^(?:image )?safety\b|\bsafety$|rejected by (?:the )?safety|nsfw|content[_ ]?(?:moderation|moderated|filter(?:ed|ing)?|policy|violation|safety|blocked|risk)|moderation (?:blocked|failed|reject|error|check|required)|content moderated|request moderated|moderated",
            r"(?:usage|community|content) (?:guideline|polic|standard)|moderation (?:thinks|found|detected|says|system)|terms of (?:service|use) violat|violat\w* (?:of )?(?:our|the|openai|usage|content|policies)|polic(?:y|ies) violat|(?:against|breach\w*|break\w*|contravene\w*) (?:our|the|\w+'s)? ?(?:content |usage )?(?:polic|guideline|rules)|real person|recitation|copyright|guardrail|responsible ai|\bspii\b|public figure|celebrit|prohibited content|blocklist|risk (?:detection|content)|involv\w+ (?:politic|porn|violen|sensitive|illegal)\w*|sensitive (?:content|word|information|data)",
            r"(?:moderation|review|audit|safety check|risk)\w* (?:did |was |has |is )?(?:not|n't) pass|content risk|risk not pass|fail(?:ed|ure)? to pass (?:the )?(?:risk|audit|review|moderation|check)|(?:not|n\'t) pass(?:ed)? (?:the )?(?:risk|audit|review|moderation|check)|contains? .{0,20}?(?:blocked|banned|forbidden|prohibited|restricted|disallowed) (?:words?|content|terms?)|data ?inspection ?failed|banned prompt|prompt (?:was |is |has been )?(?:blocked|banned)|^prompt (?:was |is |has been )?(?:rejected|denied)$|(?:rejected|refused|declined) (?:the|your|this) (?:prompt|content|image)s?$|blocked (?:by|due to) (?:content|safety|our|the)|input (?:was |is )?(?:flagged|blocked|rejected)|may contain (?:risk|sensitive|unsafe)|audit (?:submit )?(?:illegal|fail|reject|not pass)",
            r"安全(?:校验|检测|审核|检查|审查)[^。，]{0,4}(?:未|不)(?:能)?通过|不支持(?:人像|真人|人脸|明星)|敏感|违规|不合规|不适宜|(?:内容|提示词?|文本|文字|图片|画面|素材)[^。]{0,6}不符合|(?:\b(?:text|prompt|image|video|content)s?\b.{0,20})?\b(?:not|non)[- ]compliant\b|(?:content|prompt|text|image|video)s? (?:do(?:es)? not|did not|doesn't) comply|内容安全|审[核查](?:不通过|未通过|失败|拒绝)|^(?:\w+ )?content rejected$|(?:未|没有?|不)(?:能)?通过[^。，]{0,4}(?:安全|内容|风控|合规|审核|审查)|违法|(?:包含|含有|检测到|出现)[^。，]{0,4}真人|(?:视频|图片|图像|内容|结果)[^。，]{0,4}被过滤|内容审核|涉(?:黄|政|暴)|涉及[^。]{0,6}(?:版权|侵权|政治|色情|隐私)|侵权|(?:因|由于)合规|合规(?:问题|原因|审核|检测)|(?:内容|提示词|文本|图片|画面)[^。]{0,12}(?:阻止|拦截|屏蔽)|色情|裸露|血腥|违反.{0,30}?(?:政策|规定|规范|限制|准则|条款)|不安全|违禁",
        ),
        (
            r"constraint violat|field violat|validation|violations? (?:of|in) (?:schema|constraint)|case[- ]sensitive|rate limit polic|content[- ](?:type|length|encoding)",
            r"\bwaf\b|firewall|(?:iam|access|routing|admin\w*|tenant|workspace|team|budget|privacy|network|ip|cors|(?<!content )security|location|retry|retention|data) polic|\borg(?:ani[sz]ation)?(?:'s)? (?:\w+ )?polic",
            r"^requests? (?:from|to (?:this|the) (?:api|method|service))\b.{0,300}(?:is|are) blocked$",
            r"insufficient|credits?\b|balance|gpu|terms of service before|no capacity|overloaded|under maintenance",
            r"(?:moderation|safety|filter\w*|audit|review|copyright|审核|检测)[^.。]{0,30}(?:internal (?:server |service )?error|unavailable|unreachable|tim(?:ed|e)[ -]?out|offline|\bdown\b|not configured|overload|not (?:reachable|available|responding|ready)|did not respond|超时|不可用)",
            r"(?:尺寸|大小|格式|分辨率|比例|长度|时长|宽|高|数量|像素)[^。]{0,4}不(?:符合|合规)",
            r"\b(?:enable|disable|use|skip) (?:the )?(?:safety|moderation)\b",
        ),
    ),
)
"""The order is the order of meanings: of two topics that speak, the first decides."""
