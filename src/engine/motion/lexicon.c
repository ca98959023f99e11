#include "engine/motion/lexicon.h"

#define FACE   WORD_EFFECT, "expression"
#define ENERGY WORD_EFFECT, "energy"
#define HEAD   WORD_EFFECT, "head"
#define GAZE   WORD_EFFECT, "gaze"
#define CAMERA WORD_EFFECT, "camera"
#define STYLE  WORD_EFFECT, "style"
#define DEGREE WORD_DEGREE, "degree", NONE
#define NONE       \
    {              \
        .smile = 0 \
    }

// clang-format off
const struct lexicon_row lexicon[] = {
    /* expression */
    {"friendly", FACE, {.smile = .55f, .energy = .15f}, 0,
     "friendly|amiable|kind|kindly|personable|approachable|welcoming|hospitable|友好|友善|亲切|和善|和蔼|平易近人"},
    {"warm", FACE, {.smile = .50f, .energy = .05f}, 0, "warm|warmly|warmth|温暖|温馨|温情|暖心"},
    {"smile", FACE, {.smile = .60f}, 0,
     "smile|smiles|smiling|smiley face|微笑|含笑|笑容|面带笑容|笑"},
    {"warm smile", FACE, {.smile = .75f, .energy = .05f}, 0,
     "warm smile|friendly smile|kind smile|big smile|broad smile|bright smile|wide smile|beaming|grin|grinning|"
     "亲切的微笑|温暖的微笑|温暖的笑容|灿烂的笑容|灿烂|大笑"},
    {"gentle smile", FACE, {.smile = .38f}, 0,
     "gentle smile|soft smile|slight smile|subtle smile|faint smile|small smile|light smile|hint of a smile|浅笑|淡淡的微笑|浅浅的微笑|轻微的微笑"},
    {"happy", FACE, {.smile = .70f, .energy = .3f}, 0,
     "happy|happily|cheerful|joyful|joyous|glad|delighted|upbeat|jolly|高兴|开心|快乐|欢快|愉快|喜悦|欢乐"},
    {"serious", FACE, {.smile = -.80f, .seriousness = .8f, .energy = -.1f, .steadiness = .1f}, 0,
     "serious|seriously|solemn|grave|earnest|no-nonsense|严肃|庄重|庄严|认真|郑重|凝重"},
    {"stern", FACE, {.smile = -1, .seriousness = 1, .anger = .25f, .steadiness = .2f}, 0, "stern|strict|严厉|严格"},
    {"formal", FACE, {.smile = -.30f, .seriousness = .4f, .energy = -.1f, .steadiness = .3f}, 0,
     "formal|formally|official|正式|官方"},
    {"professional", FACE, {.seriousness = .1f, .steadiness = .15f, .gaze = .2f}, 0,
     "professional|professionally|businesslike|polished|专业|职业|干练"},
    {"neutral", FACE, {.smile = -.90f, .steadiness = .1f}, 0,
     "neutral|neutral expression|expressionless|blank expression|deadpan|poker face|中性|中立|面无表情|没有表情|无表情"},
    {"confident", FACE, {.smile = .15f, .seriousness = .25f, .energy = .2f, .steadiness = .2f, .gaze = .4f, .chin = .6f}, 0,
     "confident|confidently|confidence|self-assured|assured|assertive|bold|proud|自信|有自信|自豪|坚定|笃定"},
    {"concerned", FACE, {.smile = -.90f, .concern = .8f, .energy = -.1f}, 0,
     "concerned|worried|anxious|troubled|nervous|担忧|担心|忧虑|焦虑|关切|紧张"},
    {"empathetic", FACE, {.smile = .15f, .concern = .4f, .energy = -.1f, .gaze = .3f}, 0,
     "empathetic|compassionate|sympathetic|caring|understanding|consoling|同情|体贴|关怀|共情|关心|安慰"},
    {"sad", FACE, {.smile = -1, .sadness = .85f, .energy = -.5f, .chin = -.4f}, 0,
     "sad|sadly|sadness|sorrowful|mournful|melancholy|melancholic|gloomy|depressed|grieving|悲伤|难过|伤心|忧伤|沮丧|哀伤|悲痛|忧郁"},
    {"angry", FACE, {.smile = -1, .anger = .9f, .energy = .3f}, 0,
     "angry|angrily|anger|furious|mad|annoyed|irritated|outraged|生气|愤怒|恼怒|气愤|发怒"},
    {"surprised", FACE, {.surprise = .85f, .energy = .2f, .chin = .3f}, 0,
     "surprised|surprise|amazed|astonished|shocked|wide-eyed|惊讶|吃惊|惊奇|惊喜|震惊"},
    {"excited", FACE, {.smile = .50f, .energy = .8f, .surprise = .15f}, 0,
     "excited|excitedly|excitement|thrilled|enthusiastic|enthusiastically|enthusiasm|eager|兴奋|激动|热情|热烈|激情"},
    {"curious", FACE, {.surprise = .25f, .concern = .1f, .energy = .1f}, 0, "curious|inquisitive|intrigued|interested|好奇|感兴趣"},
    {"thoughtful", FACE, {.seriousness = .35f, .concern = .2f, .energy = -.3f, .gaze = -.2f}, 0,
     "thoughtful|pensive|reflective|contemplative|thinking|沉思|思考|若有所思"},
    {"gentle", FACE, {.smile = .30f, .energy = -.3f, .steadiness = .1f}, 0,
     "gentle|gently|tender|kindhearted|soothing|温柔|温和|柔和|轻柔"},
    {"playful", FACE, {.smile = .5f, .energy = .5f, .surprise = .2f}, 0,
     "playful|humorous|funny|witty|cheeky|俏皮|幽默|调皮|风趣"},
    {"trustworthy", FACE, {.smile = .2f, .steadiness = .15f, .gaze = .4f}, 0,
     "trustworthy|sincere|honest|reliable|reassuring|credible|真诚|诚恳|诚挚|可靠|可信"},

    /* energy */
    {"energetic", ENERGY, {.smile = .15f, .energy = .8f}, 0,
     "energetic|high energy|full of energy|vigorous|passionate|passionately|精力充沛|充满活力|有活力|朝气蓬勃|慷慨激昂"},
    {"lively", ENERGY, {.smile = .15f, .energy = .7f}, 0,
     "lively|animated|expressive|vivid|dynamic|active|vibrant|活泼|生动|活跃|富有表现力|灵动"},
    {"calm", ENERGY, {.energy = -.6f, .steadiness = .3f}, 0,
     "calm|calmly|peaceful|serene|composed|tranquil|low energy|unhurried|collected|平静|冷静|沉着|从容|镇定|安静|淡定|沉静"},
    {"relaxed", ENERGY, {.smile = .10f, .energy = -.35f}, 0,
     "relaxed|casual|laid-back|laid back|at ease|easygoing|informal|轻松|放松|随意|随和|悠闲"},
    {"tired", ENERGY, {.smile = -.4f, .energy = -.8f, .chin = -.4f}, 0, "tired|sleepy|exhausted|weary|疲惫|疲倦|困倦"},

    /* head */
    {"stable", HEAD, {.steadiness = .45f}, 0,
     "stable|steady|steadily|minimal movement|minimal head movement|little movement|limited movement|稳定|平稳|沉稳|稳重"},
    {"still", HEAD, {.steadiness = .95f, .nodding = -.8f}, 0,
     "still|motionless|no head movement|no head motion|no movement|without head movement|without moving|keep still|stay still|still head|head still|静止|一动不动|保持不动|头部不动|不动|不要动|不要晃动|头不要动"},
    {"frontal", HEAD, {.steadiness = .5f, .gaze = .2f}, 0,
     "frontal|front-facing|front facing|facing forward|facing front|face forward|facing the camera|facing camera|facing the viewer|straight on|"
     "正面|正对|正脸|面向镜头|面对镜头|正对镜头|面向观众"},
    {"nodding", HEAD, {.nodding = .8f}, 0, "nod|nods|nodding|nodding head|head nods|点头|频频点头|颔首"},
    {"head movement", HEAD, {.steadiness = -.5f, .energy = .2f}, 0,
     "head movement|head movements|head motion|head turns|moving head|moves the head|movement|头部动作|头部运动|头部摆动"},
    {"chin up", HEAD, {.chin = .8f}, 0, "chin up|chin raised|head held high|head high|昂首|抬头|抬起头"},
    {"head down", HEAD, {.chin = -.9f}, 0, "head down|head lowered|chin down|head bowed|低头|垂头"},

    /* gaze */
    {"looking at the camera", GAZE, {.gaze = .9f}, 0,
     "looking at the camera|looking at camera|looking into the camera|looking into camera|look at the camera|look at camera|look into the camera|"
     "looking straight ahead|looking straight|looking at the viewer|looking at the audience|eye contact|direct gaze|steady gaze|eyes on camera|eyes on the camera|"
     "看镜头|看着镜头|看向镜头|注视镜头|直视镜头|直视|眼神交流|目视前方|注视观众|看着观众|眼神坚定"},
    {"looking around", GAZE, {.gaze = -.8f, .steadiness = -.2f}, 0,
     "looking around|look around|glancing around|glances around|looking away|looks away|wandering eyes|环顾|四处看|环视|东张西望|眼神游移"},

    /* camera */
    {"still camera", CAMERA, {.steadiness = .15f}, 0,
     "still camera|no camera movement|no camera motion|without camera movement|static camera|stable camera|steady camera|fixed camera|locked camera|locked-off camera|camera still|camera static|camera stays still|tripod|"
     "static shot|fixed shot|static|固定镜头|镜头固定|静止镜头|镜头静止|稳定镜头|镜头稳定|固定机位|机位固定"},
    {"zoom in", CAMERA, {.camera = CAMERA_ZOOM_IN, .camera_amount = 1}, 0,
     "zoom in|zooms in|zooming in|zoom-in|zoom|push in|push-in|pushes in|pushing in|dolly in|dolly-in|camera moves closer|camera moves in|moves closer|"
     "推近|拉近|推进|推镜头|推镜|镜头推近|镜头拉近|镜头推进|放大"},
    {"zoom out", CAMERA, {.camera = CAMERA_ZOOM_OUT, .camera_amount = 1}, 0,
     "zoom out|zooms out|zooming out|zoom-out|pull back|pulls back|pull out|pull-out|dolly out|dolly-out|camera moves back|camera moves away|"
     "拉远|拉镜头|镜头拉远|镜头后退|推远|缩小"},
    {"pan right", CAMERA, {.camera = CAMERA_PAN_RIGHT, .camera_amount = 1}, 0,
     "pan|pans|panning|pan right|pans right|panning right|pan to the right|pans to the right|tracking shot|横移|平移|右移|向右平移|镜头平移|摇镜头|镜头右移|镜头向右"},
    {"pan left", CAMERA, {.camera = CAMERA_PAN_LEFT, .camera_amount = 1}, 0,
     "pan left|pans left|panning left|pan to the left|pans to the left|左移|向左平移|镜头左移|镜头向左"},
    {"close-up", CAMERA, {.view = VIEW_CLOSE}, 0,
     "close-up|close up|closeup|close shot|close-up shot|tight shot|tight framing|head shot|headshot|特写|近景|大特写|面部特写|近距离"},

    /* style */
    {"news anchor", STYLE, {.smile = -.2f, .seriousness = .35f, .energy = .05f, .steadiness = .45f, .nodding = .15f, .gaze = .6f}, 0,
     "news anchor|news anchor style|newsreader|news reader|news presenter|news broadcast|newscaster|broadcaster|anchor|anchorman|anchorwoman|news|reporter|"
     "新闻主播|新闻|主播|播音员|新闻播报|播报|记者"},
    {"customer service", STYLE, {.smile = .40f, .energy = .05f, .nodding = .45f, .gaze = .3f}, 0,
     "customer service|customer support|customer care|support agent|service agent|receptionist|concierge|call center|help desk|"
     "客服|客户服务|服务人员|接待员|前台|售后"},
    {"teacher", STYLE, {.smile = .20f, .energy = .35f, .nodding = .25f, .surprise = .12f}, 0,
     "teacher|teaching|lecturer|professor|instructor|tutor|tutorial|trainer|educator|lesson|course|lecture|explainer|"
     "老师|教师|讲师|教授|导师|教学|讲课|授课|课程|讲解"},
    {"spokesperson", STYLE, {.smile = .12f, .seriousness = .1f, .steadiness = .25f, .gaze = .4f, .chin = .2f}, 0,
     "spokesperson|corporate spokesperson|company spokesperson|brand spokesperson|spokesman|spokeswoman|brand ambassador|ambassador|corporate|executive|ceo|business leader|business|"
     "发言人|代言人|企业|商务|高管|品牌大使"},
    {"salesperson", STYLE, {.smile = .45f, .energy = .5f, .nodding = .3f, .gaze = .3f}, 0,
     "salesperson|salesman|saleswoman|sales|marketing|promotional|advertisement|commercial|seller|"
     "销售|带货|推销|促销|营销|广告|直播带货"},
    {"host", STYLE, {.smile = .35f, .energy = .35f, .gaze = .2f}, 0,
     "host|show host|tv host|moderator|entertainer|vlogger|influencer|livestream|live stream|streamer|youtuber|"
     "主持人|主持|直播|博主|网红"},
    {"storyteller", STYLE, {.smile = .2f, .energy = .3f, .surprise = .15f, .steadiness = -.2f}, 0,
     "storyteller|storytelling|narrator|narration|讲故事|故事|旁白|叙述"},
    {"speaker", STYLE, {.energy = .5f, .seriousness = .15f, .chin = .4f, .nodding = .3f}, 0,
     "public speaker|motivational speaker|keynote speaker|speech|coach|motivational|inspiring|inspirational|演讲|演说|演讲者|励志|鼓舞人心"},
    {"doctor", STYLE, {.smile = .15f, .seriousness = .15f, .concern = .2f, .energy = -.15f, .steadiness = .15f, .gaze = .4f}, 0,
     "doctor|nurse|physician|therapist|counselor|counsellor|medical|医生|护士|医师|心理咨询师"},
    {"interview", STYLE, {.energy = .1f, .gaze = -.2f, .steadiness = -.1f}, 0, "interview|conversational|conversation|talk show|podcast|采访|访谈|聊天|对话|播客"},

    /* degrees */
    {"most", DEGREE, 1.6f, "extremely|super|exceptionally|intensely|deeply|极其|极度|极为|超级|十分|特别|格外"},
    {"very", DEGREE, 1.4f, "very|really|highly|truly|strongly|so|much|big|great|strong|a lot of|非常|很|真的|相当|更加|更|多一些"},
    {"more", DEGREE, 1.2f, "more|quite|rather|比较|较为|较"},
    {"fast", DEGREE, 1.6f, "fast|quick|quickly|rapid|rapidly|快速|迅速|快"},
    {"slightly", DEGREE, .5f,
     "slightly|slight|subtle|subtly|a little|a little bit|a bit|a bit of|a touch of|a hint of|somewhat|mildly|mild|lightly|faint|faintly|soft|less|minimal|"
     "稍微|稍稍|略|略微|略带|有点|有点儿|有些|一点|一点点|轻微|微微|轻轻|淡淡"},
    {"slow", DEGREE, 1, "slow|slowly|smooth|smoothly|缓慢|缓缓|慢慢|缓慢地|慢慢地"},
    {"not too", DEGREE, .4f,
     "not too|not very|not so|not overly|not that|don't be too|never too|not too much|too much|不太|不要太|不是很|别太|不过于|不那么|不要过于"},

    /* what turns them round */
    {"no", WORD_NEGATION, "negation", NONE, 0,
     "no|not|non|never|without|don't|don’t|do not|doesn't|avoid|avoiding|none|neither|nor|isn't|不要|不|别|没有|没|无|勿|避免|不带|禁止"},
    {"but", WORD_TURN, "turn", NONE, 0, "but|yet|instead|only|just|rather than that|with|however|而是|但是|但|只|却|而"},

    /* what they are said of */
    {"scene", WORD_SCENE, "scene", NONE, 0,
     "light|lights|lighting|background|backdrop|color|colors|colour|colours|color palette|palette|tones|color tone|room|studio|setting|scene|scenery|environment|"
     "atmosphere|weather|music|clothes|clothing|suit|shirt|outfit|dress|attire|wear|range|blur|shadows|wall|"
     "灯光|光线|背景|色调|色彩|颜色|环境|场景|房间|办公室|演播室|音乐|服装|西装|衣服|着装|光"},

    /* no meaning here, and what they contain neither */
    {"other", WORD_OTHER, "other", NONE, 0,
     "no one|not only|still image|still photo|still life|still picture|of course|business card|business suit|kind of|just like|"
     "不错|不同|不仅|不断|不过|不久|特色|区别|级别|个别|性别|类别|无线|无论|无限|很多|光滑|更新|只有|职业装|面部表情|自然的动作|自然动作"},
};
// clang-format on
const int lexicon_count = sizeof(lexicon) / sizeof(lexicon[0]);
