"""Words of the lexicon, second half: the service's own state, the model, the request. Data, no logic."""

from __future__ import annotations

from typing import Final

from genmedia_exporter.classify.topics import PER_TIME, Entry, Topic

_OURS = (
    r"(?:accounts?|users?|organi[sz]ations?|orgs?|workspaces?|tenants?|clients?|customers?|resources?|"
    r"subscriptions?|teams?|billing account|profile|账号|账户|帐号|帐户|用户|组织)"
)
SERVICE: Final[tuple[Entry, ...]] = (
    Entry(
        Topic.PAUSED,
        (
            r"(?:temporarily|currently|has been|is|been|was|were) (?:paused|switched off|turned off|disabled)|paused|suspended by|disabled by|closed endpoint|(?:endpoint|feature|channel|model|service|api|route) (?:is |has been |was )*(?:currently |temporarily )*(?:disabled|closed|paused|suspended|stopped|deactivated|switched off|not enabled)|(?:endpoint|deployment|pod|container|space)s?\b.{0,80}\b(?:is|are) (?:currently )?(?:not (?:running|started)|stopped|asleep|sleeping|scaled (?:down )?to zero)|endpoint not running|\bdeployment (?:is |was )?(?:currently )?(?:not active|inactive)\b",
            r"(?:temporarily|currently) (?:disabled|suspended|closed|not offered)",
            r"暂停|已停用|渠道已被禁用|(?:功能|服务|接口|模型|通道|渠道)[^。]{0,8}(?:已?关闭|停用|禁用|未开放|未启用|停止)",
        ),
        (
            r"\b(?:your|this) " + _OURS + r"\b|" + _OURS + r" (?:is|has been|was|temporarily)",
            r"停止服务|(?<!暂)停服|下线",
            r"for your|in your|on your|(?:for|to|by|in) (?:this|the|that|each) (?:\w+ )?(?:key|account|user|team|project|organi[sz]ation|workspace|tenant|plan|role)\b|api key|access token|(?:not|never) been (?:used|enabled)|enable it by",
        ),
    ),
    Entry(
        Topic.GONE,
        (
            r"(?:deprecat|retired|end[- ]of[- ](?:its )?(?:life|service|support)|\beol\b|no longer (?:available|supported|offered|served|exists?|maintained|accessible)|sunset|discontinu|decommission|taken offline|\baction offline|models? (?:is |are )?(?:currently |temporarily )?offline|(?:been|are|is|was|were) (?:permanently )?(?:shut ?down|removed|withdrawn|phased out|turned down)|permanently (?:removed|shut))",
            r"已下线|下架|下线|停止服务|已弃用|被弃用|已废弃|停止支持|已停服|不再(?:支持|提供|可用)",
        ),
        (
            r"(?:parameters?|params?|fields?|arguments?|options?|propert(?:y|ies)|headers?|sdk|client|attribute) (?:version )?(?:['\"`][^'\"`]{1,40}['\"`] )?(?:is|are|has|have|was|were|named)?.{0,12}(?:deprecat|no longer|removed)|deprecated (?:parameter|param|field|argument|option)",
            r"temporar|will be (?:deprecat|retired|discontinu|removed|shut)|api[- ]version|client version|sdk version|tls|browser|'(?:seconds|size|n|quality|style|prompt)'|(?:参数|字段)",
            r"(?:worker|node|gpu|server|device|instance|账号|用户|渠道|通道)s?[^.。]{0,10}(?:offline|下线)|\b(?:workers?|nodes?|servers?|instances?|containers?)\b.{0,12}\bshut ?down\b",
        ),
    ),
    Entry(
        Topic.NO_CHANNEL,
        (
            r"no (?:available |enabled |healthy |active |valid |eligible |working )+(?:channels?|deployments?|providers?|endpoints?|model provider|upstreams?|backends?|routes?)\b|no (?:channels?|deployments?|endpoints?|providers?|back ?ends?|upstreams?)\b.{0,20}(?:available|found|configured|enabled|support)",
            r"all (?:available )?(?:channels|deployments|(?:providers|upstreams|endpoints)(?! (?:have |has )?failed$)).{0,40}(?:fail|unavailable|cool ?down|down|exhaust|disabled)|无可用(?:的)?(?:渠道|通道|供应商)|(?:暂无|没有)(?:可用)?(?:的)?(?:渠道|通道)|可用渠道(?:不存在|失败)|(?:渠道|通道|供应商)(?:均|全部|都)?(?:已|暂)?(?:失效|不可用|被?禁用|异常|关闭)|(?:渠道|通道|供应商)(?:均|全部|都)(?:已)?失败|(?:账号|号|帐号)池[^。，]{0,6}不支持|pool[^.]{0,20}not support (?:the |this |that )?(?:requested )?model|failed to get available channel|no available (?:image |video )?models?\b(?! (?:in|for) your)|in cool ?down",
            r"\bno (?:\w+ )?(?:credentials?|accounts?|keys?|tokens?) (?:configured |set |found |available )*for (?:the )?(?:provider|upstream|channel)\b|(?:未找到|没有)(?:已?启用|可用)的?[^。，]{0,12}配置|无效的?渠道",
            r"\bchannel\b.{0,20}does not support the requested (?:model|endpoint)\b",
            r"平台未配置|未找到支持(?:该|此)模型的|channel (?:no|not) available|no available channel|get channel failed",
            r"no available (?:\w+ ){1,2}accounts?\b|no (?:\w+ ){0,3}accounts? (?:that )?support(?:s|ing)? (?:the |this |requested )*model|\bmodel\b.{0,60}not configured (?:in|on|at|by|for) (?:the |this )?(?:gateway|proxy|router)\b",
        ),
        (
            r"(?:for|by|with|to) (?:the |this |your )?current (?:token|key)\b",
            r"\bfree (?:tier |plan )?users?\b|no back ?end (?:containers?|instances?|workers?|nodes?|servers?|replicas?|pods?)\b|no healthy upstream$|\bload is in cool ?down",
            r"(?:audio|color|alpha|colour) channel",
            r"data policy|guardrail restriction|privacy setting",
        ),
    ),
    Entry(
        Topic.SETUP,
        (
            r"(?:price|pricing|ratio|cost)s? (?:is |are |was )?(?:not|un)[ ]?(?:configured|set)|\b(?:price|pricing) (?:is )?missing\b|(?:价格|倍率|计费)[^。]{0,6}(?:未|没有)(?:配置|设置)",
            r"(?:vertex|aws|azure|openai|bedrock|gcp) (?:\w+ )?(?:project|location|region name|api base|api key|credentials?)\b.{0,30}(?:required|not set|not provided|must be set)|client option must be set|default credentials|unable to locate credentials|could not load (?:the )?credentials|sdk not found|provider (?:is )?not configured|provider config(?:uration)? (?:is )?(?:invalid|missing)|not configured to serve|\bapi ?keys? (?:is |are )?not (?:configured|set up)\b",
            r"\b(?:back ?end|runner|engine|runtime) (?:['\"][^'\"]{1,40}['\"] )?is not installed\b",
            r"请(?:在后台|先)配置 ?(?:key|密钥|渠道|接口)|(?:密钥|key) ?配置(?:错误|有误|缺失)|invalid api platform|(?:channel|adaptor|adapter|driver|handler) (?:type )?(?:is )?not (?:implemented|registered)|invalid channel|llm provider not provided",
        ),
    ),
    Entry(
        Topic.MAINTENANCE,
        (
            r"(?:under|in|for|during|down for|scheduled|planned|emergency|system|undergoing) (?:scheduled |planned |system |routine |emergency )?maintenance|maintenance (?:mode|window|in progress|break)|read[- ]only (?:mode|state)|being (?:upgraded|updated|maintained)|service maintenance|^maintenance(?:$|:| -)|(?:is|are) (?:currently )?(?:upgrading|updating) (?!your)|is (?:currently )?(?:upgrading|updating)",
            r"维护中|维护|升级中|系统升级|正在升级",
        ),
        (
            r"maintenance (?:of|to) (?:the |our )?(?:billing|website|dashboard|docs|status)|no longer maintained|maintenance plan",
            r"运维人员|联系维护",
        ),
    ),
    Entry(
        Topic.RATE,
        (
            r"\bwait (?:for )?(?:at least )?\d+ ?(?:more )?(?:s|sec|min|hour)|rate[ -]?limit|too many requests|throttl|"
            + PER_TIME,
            r"(?:request|requests|calls?|frequency|flow|traffic|qps|operations?|actions?|submissions?)s?\b.{0,25}(?:limit(?:ed)?\b.{0,12}(?:exceed|reach|hit)?|too (?:fast|frequent|high|many))|limit (?:exceeded|reached)|exceed\w*.{0,30}(?:rate|frequency|request) ?limits?|resources? (?:has been |have been |is |was )?exhausted|slow down|requests? too (?:fast|frequent)|burst too fast|over (?:the )?(?:rate|limit)|frequency|\bfrequent (?:operation|request|call|access)",
            r"请求过(?:快|多|于频繁)|频率|速率|限流|流量限制|限速|频繁|请求数限制|请求超限|请求次数|流控",
        ),
        (
            r"\brate limit check (?:has )?failed\b|(?:minimum|maximum|lower|upper|size|length|character|pixel|file|resolution|width|height|dimensions?|duration|image|video|body|payload|memory|context|text|prompt|token|word) limit|below the|above the|frame ?rate|sample rate|bit ?rate|frames per second|\bfps\b|(?:frequency|presence|repetition) penalty|帧速率|帧率|采样|(?:频率|存在|重复)惩罚",
            r"(?:characters?|bytes?|pixels?|mb|kb|images?|videos?) (?:limit|per request)|per request|\bsize (?:of .{0,30})?(?:limit|exceed)",
        ),
    ),
    Entry(
        Topic.CAPACITY,
        (
            r"overload|(?:at|over|full) (?:(?:available|maximum|max|full|peak|its|our) )*capacity|(?:insufficient|no|out of|exceed\w*|limited|not enough|lack of) (?:available )?capacity|capacity (?:temporarily |is |was |has been |limit |currently )*(?:exceed|exhaust|reached|full|unavailable|insufficient|constrain|short|not available)|capacity (?:constraints?|exceeded)|(?:server|system|service|model|gpu|cluster|engine|network|site)s? (?:is |are |currently |very )*(?:too )?busy|too busy|system busy|\bload (?:is |was )?(?:currently )?too high|high (?:demand|load|traffic|volume)|heavy load",
            r"instances? maxed|no (?:available |free |idle |more |healthy |back ?end |running |active |suitable |eligible |matching |online |capable )*(?:gpus?|workers?|instances?|nodes?|machines?|runners?|resources?|compute|containers?|replicas?|pods?)\b|(?:gpus?|workers?|compute|runners?|resources?(?! exhausted))\b.{0,30}(?:unavailable|not available|shortage|insufficient|limited capacity|short|deplet|exhaust)|insufficient (?:gpu|compute|resources?|capacity)|saturat",
            r"(?:currently|temporarily|service|model|server)s? (?:is |are |currently |temporarily )*unavailable|^service (?:is )?not available|unable to (?:process|handle|serve)|(?:is|are) (?:currently |still )*(?:loading|warming|starting up)|cold start|not ready|try again in a few|^unavailable$|(?:请|稍后)?.{0,4}(?:繁忙|饱和|过载|负载过高|拥挤|人数过多|访问量(?:过大|较大)|请求量过大|资源不足|算力紧张|资源紧张|高峰|不可用|需求(?:过大|量大|量?激增|旺盛))",
            r"\b(?:workers?|nodes?|servers?|instances?|containers?)\b.{0,12}\bshut ?down\b|runner scheduling|scheduling failure|no worker|unable to schedule",
        ),
        (
            r"(?:content|prompt|parameter|field|option) (?:is |are )?(?:un|not )available|unable to process (?:the |your |this |an? )?(?:input|provided|uploaded|reference|supplied|source)\b",
            r"(?:un|not )available (?:for|to) (?:your |this |the )?(?:account|user|plan|key|organi[sz]ation|project)",
        ),
    ),
    Entry(
        Topic.ENTITLEMENT,
        (
            r"only (?:accessible|available|open) (?:to|for) (?:billed|paid|paying|premium|subscribed|verified) |permission|forbidden|access (?:is |was )?(?:denied|restricted|forbidden)|no (?:access|rights?|permissions?)\b|not (?:entitled|permitted|enabled for|activated|subscribed|eligible|authori[sz]ed|purchased|in your plan)|(?<!can)not open(?:ed)?\b|unpurchased|service not open|has not activated|use case details have not been submitted|form not filled",
            r"(?:you|your|account|user|key|token|project|organi[sz]ation|team|plan|tier|subscription|workspace)\b.{0,40}(?:not (?:allowed|have access|include|available|support|enabled)|n't (?:allowed|have access|include|support)|cannot (?:access|use)|without access)|do(?:es)? not have access|not (?:allowed|authori[sz]ed|permitted) to (?:use|access|call|perform|create|sample|query|view)|(?:un|not )available (?:on|in|for|with|under|to) (?:your|this account|account)|not (?:included|covered|offered|part) (?:in|by|with|of) (?:your|this|the) (?:current )?(?:plan|tier|subscription|package)|guardrail restrictions|data policy|privacy settings",
            r"real ?name|(?:must|need to|needs to|please|not|requires?)(?: be| to be| your| you| complete| finish| first| an?)* (?:verif\w+(?! (?:that |if |whether )?(?:the |your |this |all |each )?(?:[a-z]+ )?(?:urls?|uri|links?|images?|pictures?|photos?|videos?|files?)\b)|identity|kyc)|(?:verif\w+).{0,20}(?:organi[sz]ation|identity|account|email|phone|required)|unverified|not verified|accept (?:the |our |its )?(?:\w+ )?(?:terms|licen[sc]e|agreement|eula|conditions)|agree to the|gated|license",
            r"upgrade (?:your |to |the |required)|please upgrade|requires? (?:an? )?(?:paid|pro\b|plus|enterprise|premium|higher|upgraded|business|tier|subscription)|(?:allow|wait|white)[ -]?list|(?:early|beta|preview|limited) access|(?:for|by|with|to) (?:the |this |your )?current (?:token|key)\b|non[- ]?serverless|needs? consent|consent (?:is )?required|\b(?:model|key|provider|routing) restrictions\b|(?:private|closed|limited) (?:beta|preview|alpha)|request access|free (?:users?|accounts?|plans?)\b.{0,20}(?:not|unsupported|cannot)|(?:unsupported|not (?:supported|available|allowed)) (?:for |on |by )?(?:the )?free (?:users?|accounts?|plans?|tier)|\blicc\b|(?:blocked|denied|restricted|prevented) by (?:an? |the |your )?(?:org\w*|routing|access|admin\w*|security|workspace|tenant|team)\b.{0,20}polic|invitation|invite only|(?:only (?:available|open|offered) (?:to|for)|(?:available|open|offered) only (?:to|for)|for) (?:our |all )?(?:enterprise|paid|paying|premium|pro|plus|vip|members?|subscribers|subscribed)\b(?: users| customers| accounts| members)?(?: only)?$|members[- ]only|subscription required|not (?:part|member) of|must be a member",
            r"(?:project|app|application|work ?space|organi[sz]ation)s? (?:id |is |was |does |has |can ?)*(?:invalid|archived|disabled|deleted|not (?:be )?(?:found|exist|valid|set|configured))|project invalid|invalid (?:project|workspace|organi[sz]ation)|consumer invalid|api (?:not|has not been) (?:enabled|used)|service (?:disabled|not enabled|not open)|not been used in project",
            r"无权|没有权限|权限不足|无(?:此|该)?权限|(?:企业|实名|个人|身份)认证|未认证|不在[^。]{0,20}(?:可用|允许|授权)的?模型(?:范围|列表)|未开通|请先开通|(?:是否已|需要?)[^。]{0,8}开通|未授权|实名|未购买|未订阅|没有[^。]{0,10}(?:使用)?权限|白名单|内测|[仅只][^。]{0,6}(?:会员|vip|付费|企业|订阅)|(?:拒绝|禁止)访问|访问被(?:拒绝|禁止)|未?被授权|升级[^。]{0,6}(?:套餐|方案|会员|账户|账号|版本)(?!成功)|(?:请先?|需要?|未)(?:绑定|验证)[^。]{0,4}(?:手机|邮箱|身份|银行卡|支付)",
        ),
        (
            r"(?:does not|doesn't|do not|not) exist or|not found or|is not found for|\bforbidden (?:field|param\w*|property|attribute|argument|key name|option)s?\b",
            r"not (?:allowed|permitted) to be (?:empty|null|blank)|(?:additional|extra|extraneous) (?:properties|fields?|inputs?) (?:are |is )?not (?:allowed|permitted)|\b(?:extraneous|additional|extra|unexpected|unknown) (?:keys?|propert(?:y|ies))\b.{0,80}\bnot (?:allowed|permitted)\b(?! (?:for|to|by|in|on|with) (?:your|this|the))|method not allowed|extra (?:inputs|fields)|extra forbidden|is not (?:an )?(?:allowed|permitted) (?:value|option)|not one of the allowed|values? (?:is |are )?not (?:allowed|permitted)",
            r"field required|(?:property|parameter|field|value|option|size|resolution|duration|seconds|prompt|ratio|format)s? .{0,20}not (?:allowed|permitted|enabled|available|supported)",
        ),
    ),
    Entry(
        Topic.MODEL,
        (
            r"(?:(?:model|deployment)s?\b.{0,160}?|(?:version|engine|checkpoint|workflow)s?\b[^:]{0,60}?)(?:not (?:be )?(?:found|exist|support(?:ed\b|\W*$)|available|valid|listed|recogni[sz]ed|served|deployed|registered|loaded|open|allowed)|does ?n[o']t (?:exist|support)|do(?:es)? not exist|unknown|invalid|unsupported|isn't (?:supported|available)|unavailable model)",
            r"no matching models?\b|^model must (?:match|be one of)\b|\bfunction\b.{0,60}not found for account\b|\b(?:graph|pipeline|servable) definition\b.{0,40}not found|\bno local server found for (?:the )?requested model\b|(?:no such|unknown|invalid|unsupported|nonexistent|incorrect|unrecogni[sz]ed|wrong|not a valid) (?:(?:image |video |audio )?model|version|deployment|engine|checkpoint)|model ?not ?found|(?:does|did|do) ?n[o']t work with the (?:specified |requested |given )?model|operation not supported|is not a (?:valid )?model|couldn't find (?:the )?model|\bapplication ['\"][^'\"]{1,120}['\"] not found|(?:could|can) ?n[o'](?:t|'t) resolve (?:the )?(?:\w+ )?model",
            r"model (?:name )?(?:id )?(?:is )?(?:wrong|incorrect)|模型[^。]{0,14}(?:不存在|无效|不支持|未找到|错误|不可用|找不到)|(?:不支持|未知|无效|未找到|找不到)(?:的)?(?:该|此|指定的)?模型|模型不存在",
        ),
        (
            r"\bscheduler is not available\b",
            r"\bn(?:o|')t support (?:the )?feature\b|n[o']t support (?:(?:enabl|disabl)\w*|duration|seconds|size|resolution|aspect ratio|width|height|fps|frames|num frames|seed|style|audio)\b",
            r"not (?:available|supported|served) (?:on|at|by|via|through) this endpoint|compatible endpoint|\bapi version (?:is )?(?:not supported|unsupported|invalid)|(?:unsupported|invalid) api version|model state|view model|data model|pydantic model|content model|additional propert(?:y|ies)\b.{0,40}\ballowed",
            r"not support (?:the |a |an )?(?:['\"`]?[\w.-]+['\"`]? )?(?:param\w*|argument|option|field|property|setting|value)\b|n[o']t support (?:the |a |an )?(?:['\"`]?[\w.-]+['\"`]? ){0,2}(?:mode|param\w*|argument|option|field|property|setting|value)\b|(?:模型|版本)[^。]{0,14}不支持[^。]{0,10}(?:参数|模式|选项|字段)",
            r"\b(?:resolution|size|duration|seconds|ratio|quality|format|parameter|param|field|value|option|length|fps|mode)s?\b.{0,30}(?:not |n't |un)(?:be )?(?:supported|available|allowed|valid)",
        ),
    ),
    Entry(
        Topic.ROUTE,
        (
            r"\bmodel\b.{0,160}not (?:available|supported|served) (?:on|at|by|via|through) this endpoint|compatible endpoint|invalid url|no route|route not found|cannot (?:post|get|put|delete) /|unknown (?:path|endpoint|action|operation|api|method|url|route)|(?:path|url|endpoint|action|api|page|route)s?\b.{0,30}(?:not found|does ?n[o']t exist|not exist|invalid|unknown)|method not allowed|^not found$|no (?:such|matching) (?:api|route|endpoint|method|handler)|invalid action|unrecognized request url|requested (?:url|resource|path).{0,20}not found|missing authentication token",
            r"正确请求为|(?:接口|路由|路径|地址)[^。]{0,8}(?:不存在|错误|未找到)|not implemented|(?:方法|接口|功能)(?:尚|暂)?未实现",
        ),
        (
            r"\bparams?\b|image ?url|video ?url|file|_url|callback|webhook|input url|url of (?:the )?(?:image|video)|url must|download",
            r"\bmodel\b.{0,60}not configured (?:in|on|at|by|for) (?:the |this )?(?:gateway|proxy|router)\b",
        ),
    ),
    Entry(
        Topic.TIMEOUT,
        (r"tim(?:e|ed)[ -]?out|deadline exceeded|took too long|超时|timeout",),
        (
            r"timeout (?:seconds |ms |in \w+ )?must|timeout (?:is|value|parameter) (?:invalid|must|should)|invalid timeout|timeout header",
        ),
    ),
    Entry(
        Topic.FAILED,
        (
            r"no (?:media|images?|videos?) (?:was |were )?generated|\bunable to (?:generate|create|produce)\b|(?:generat\w+|inference|task|job|execution|processing|render\w*|prediction|video)\b.{0,25}(?:fail(?:ed|ure)?|error|crash|abort)|fail(?:ed)? to (?:generate|process|render|create|produce|run|restore|upscale|enhance|edit|animate)\b|runtime error|execution error|\bcuda\b|out of memory|\boom\b|nan\b|device-side|(?:生成|任务|处理|推理|渲染|执行)(?:失败|出错|已?中止|已?终止|异常)",
        ),
        (
            r"user error|billing failed|validation (?:failed|error)|failed (?:validation|on the)|fail to fetch task",
        ),
    ),
    Entry(
        Topic.INTERNAL,
        (
            r"^(?:type|attribute|reference|system|sql|unexpected|runtime) error:|\brate limit check (?:has )?failed\b|all (?:available )?(?:providers|upstreams|endpoints) (?:have |has )?failed$|internal (?:server |service |processing |system )?(?:error|failure|exception|issue)|server error|unexpected error|something went wrong|\bthere was an error\b.{0,60}\b(?:reach out|contact)\b|unknown (?:server )?error|service (?:internal )?(?:failure|error|exception)|dependenc(?:y|ies) (?:\w+ )?(?:failed|failure|error|unavailable)|failed dependency|unhandled exception|failed to (?:get|receive|read|obtain|unmarshal|parse|decode|fetch) (?:an? |the |any )?(?:valid )?response (?:from|of)\b|traceback|bad gateway|\b(?:gateway|proxy) (?:has |have |is )?(?:fail|error|broken)\w*|(?:back ?end|server|worker|node|upstream|engine|host)s? (?:is |are |went |currently )*(?:offline|down|dead|unreachable|crashed)\b|database error|do request failed|null ?pointer|segmentation|stack trace|(?:upstream|provider|backend) (?:service )?(?:returned |gave )?(?:an? )?(?:error|failure)|connection (?:error|refused|reset|aborted)|故障|转发失败|(?:网关|上游|通道|渠道|后端|节点)[^。]{0,4}(?:失败|错误|超时|中断|异常)|系统(?:错误|异常)|服务(?:异常|错误|内部错误)|内部(?:错误|异常)|服务器(?:错误|异常|内部)|网络(?:错误|异常)|未知错误|出错了|数据库[^。]{0,4}(?:错误|异常|失败)|连接(?:被拒绝|失败|被?重置|中断|异常)|^system error|\bnetwork (?:error|failure)\b",
        ),
        (
            r"validation error|invalid|error occurred in the param|missing .{0,30}param|参数|无效|不合法|缺少|格式",
            r"\b(?:user )?input error$",
        ),
    ),
    Entry(
        Topic.VALIDATION,
        (
            r"invalid|missing|required|user error|\bmust\b|param|\bfield|validat|out of (?:range|bound)|should|expected|illegal|too (?:short|long|small|large|big|few)|bad request|malformed|not in (?:the )?(?:\w+ )?(?:list|enum|set)\b|unprocessable|unsupported|not supported|not allowed|schema|constraint|cannot be (?:empty|blank|null)|lack(?:s|ing)|must be|(?:minimum|maximum)|at least|at most",
            r"不能为空|必填|参数|不合法|无效|格式|缺少|取值|范围|必须|有误|[仅只]支持",
        ),
    ),
)
"""They come after the refusals, in the order of meanings."""
