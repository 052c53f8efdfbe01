"""Words and characters that tell Chinese regions, Cantonese and literary Chinese apart.

Chosen from everyday vocabulary on which the mainland, Taiwan and Hong Kong differ; words that two of the three
share are left out. Place names and topics are left out too: a mainland paper writes about 台北 as well.
"""

from __future__ import annotations

#: Characters of written Cantonese that Standard Chinese has no use for.
CANTONESE = "嘅喺咗唔冇佢哋嚟嗰啲嘢噉咁㗎喎嘥孭攞瞓諗啱乜揾搵冚嬲攰掹谂"

#: Function words of literary Chinese that the modern language keeps in set phrases only.
CLASSICAL = "之乎者也矣焉哉曰吾汝爾尔豈岂遂乃弗孰耶歟欤兮惟蓋盖亦皆"

#: Function words of modern written Chinese, and those of them that Japanese never writes.
VERNACULAR = "的了是那个個没沒都把被还還係在和到就"
CHINESE_ONLY = "這这們们嗎吗呢吧你她它哪很讓让麼么说咱啊"

#: Mainland wording. In Simplified text it is expected; in Traditional text it means a converted page.
MAINLAND = (
    "信息", "默認", "鼠標", "內存", "服務器", "視頻", "博客", "硬盤", "登錄", "文件夾", "打印機", "短信", "出租車",
    "幼兒園", "程序員", "充電寶", "地鐵站口", "方便麵", "移動硬盤", "操作系統", "服務端", "數據線", "二維碼",
    "領導幹部", "點擊", "菜單欄", "源代碼", "面向對象", "調用", "緩存", "線程", "字符", "字節",
    "數組", "變量", "函數庫", "卸載", "注冊", "激活", "剪貼板", "鏈接", "打印", "公安機關", "居民身份證",
    # From the mainland side of OpenCC's TWPhrases (Apache-2.0): words that pages from Taiwan do not have.
    "硬件", "磁盤", "光盤", "光驅", "芯片", "固件", "顯卡", "聲卡", "網卡", "閃存", "總線", "寄存器", "適配器",
    "掃描儀", "筆記本電腦", "晶體管", "以太網", "局域網", "萬維網", "寬帶", "帶寬", "端口", "內核", "模塊", "控件",
    "插件", "字段", "運算符", "標識符", "通配符", "命令行", "對話框", "複選框", "任務欄", "狀態欄", "滾動條", "頁眉",
    "頁腳", "縮略圖", "粘貼", "剪切", "刷新", "縮進", "矢量", "位圖", "音頻", "分辨率", "像素", "缺省", "堆棧",
    "隊列", "遞歸", "嵌套", "回調", "異步", "布爾", "哈希", "集群", "鏈表", "分佈式", "優先級", "多任務", "串行",
    "可視化", "概率", "納米", "激光", "硅", "超聲波", "傳感", "存盤", "刻錄", "脫機", "門戶網站", "U盤",
    # Everyday life on the mainland.
    "小區", "公交車", "動車", "立交橋", "網約車", "打車", "居委會", "村委會", "民警", "黨委", "運營商", "客戶端",
    "短視頻", "公衆號", "公眾號", "微信羣", "微信群", "性價比", "充值", "高考", "本科生", "農民工", "下崗", "拆遷",
    "土豆", "西紅柿", "菠蘿", "盒飯", "服務員", "質檢", "科研", "牽頭",
)  # fmt: skip

#: Taiwan wording.
TAIWAN = (
    "資訊", "軟體", "網路", "滑鼠", "記憶體", "程式", "伺服器", "部落格", "影片", "計程車", "捷運", "公車", "機車",
    "硬碟", "隨身碟", "螢幕", "列印", "預設", "品質", "智慧型", "印表機", "檔案總管", "字串", "變數", "位元", "介面",
    "使用者", "雷射", "行動電話", "簡訊", "便當", "馬鈴薯", "鳳梨", "冷氣", "腳踏車", "國小", "國中", "里長", "立委",
    "立法院", "行政院", "新臺幣", "新台幣", "民眾", "裡", "臺灣", "台灣人", "資料庫", "支援", "視窗", "執行緒", "匯入",
    "物件導向", "網際網路", "民國", "縣市", "太空梭", "悠遊卡", "大專院校", "數位",
)  # fmt: skip

#: Hong Kong wording and the character forms of its standard list.
HONG_KONG = (
    "的士", "巴士", "屋邨", "屋苑", "港鐵", "八達通", "短片", "質素", "特區政府", "港元", "港幣", "立法會", "行政長官",
    "區議會", "警務處", "食物環境衞生署", "康文署", "公屋", "居屋", "中學文憑試", "小巴", "單車", "雪櫃", "冷氣機房",
    "士多啤梨", "薯仔", "朱古力", "菲林", "的士站", "手提電話", "電郵", "旺角", "油麻地", "衞", "綫", "説",
    "户", "脱", "鋭", "悦", "閲", "温", "揾", "互聯網", "數碼", "電單車", "泊車", "銀包", "律政司",
    "教育局", "醫管局",
)  # fmt: skip

#: Character forms of Hong Kong's list that OpenCC's standard has too.
HONG_KONG_OR_CONVERTED = ("裏", "羣", "峯")

#: What a character-by-character conversion leaves behind: forms and errors no writer of Traditional produces.
CONVERTED = (
    "爲", "衆", "剛纔", "喫", "僞", "皇後", "太後", "後妃", "乾涉", "乾擾", "若乾", "乾部", "見麵", "方麵", "麵對",
    "麵積", "裡程", "公裡", "英裡", "髮現", "髮展", "出髮", "製度", "瞭不起", "隻是", "隻有", "隻要", "一齣去",
    "準許", "批準", "颱灣", "曆史", "經曆", "嚮來", "方嚮", "錶示", "代錶", "發錶", "誌願", "幹燥", "幹淨",
)  # fmt: skip
