"""One way of writing for two: traditional characters, as the simplified ones that the words are written in. Data."""

from __future__ import annotations

from typing import Final

_TRADITIONAL: Final = (
    "與業兩個爲舉買於僅從價會傳體餘關內寫凍準憑則創務區單參發號後員圍國圖塊處復夠頭實審寬對爾盡屬峯帳並應廢開異棄張當錄徑態戶執護擁擇擠數斷無時暫機權條檢漢沒測遊滿靈"
    "點畫確種祕積籤類緊級線組織綁結絡絕統續維網聯範規視計訂認許設訪證詞試話詢該語誤請負敗賬質購費資轉載較輸達過運進違選郵鑑鍾鑰銀銷鎖錯鍵長閉問間閱隊際項須預頻額風飽驗黃裡併欄値為"
)
_SIMPLIFIED: Final = (
    "与业两个为举买于仅从价会传体余关内写冻准凭则创务区单参发号后员围国图块处复够头实审宽对尔尽属峰帐并应废开异弃张当录径态户执护拥择挤数断无时暂机权条检汉没测游满灵"
    "点画确种秘积签类紧级线组织绑结络绝统续维网联范规视计订认许设访证词试话询该语误请负败账质购费资转载较输达过运进违选邮鉴钟钥银销锁错键长闭问间阅队际项须预频额风饱验黄里并栏值为"
)
_TABLE: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """Return *text* with the characters that both scripts have words for in the simplified one."""
    return text if text.isascii() else text.translate(_TABLE)
