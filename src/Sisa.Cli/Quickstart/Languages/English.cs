namespace Sisa.Cli.Quickstart.Languages;

internal static class English
{
    public static SampleLanguage Table { get; } = new()
    {
        Name = "English",
        People = ["[Tilda|Orrin|Maribel|Jasper|Winnow|Cosmo|Petra|Linus|Hazel|Bram|Odette|Fenwick] [Thistle|Marrow|Quill|Copper|Bramble|Candle][moor|bend|feather|whistle|thatch|button]"],
        Places = ["in [Little|Upper|Old|Far] [Oak|Pebble|Heron|Lantern|Willow][combe|ford|wick|mere]"],
        Companions = ["[Bim|Fop|Wob|Nut|Pip|Taff|Mog|Dux|Ral|Quib|Sop|Hob][ble|kin|sy|ster|let|wick|ington|aloo|ette|o|ric|by]"],
        Topics = new(
            Weather:
            [
                "It has been [raining|snowing|hailing|drizzling] {place} [all day|all night|since the morning|for hours][.|, and the [streets|fields|gardens] are [under water|white|empty].]",
                "[Thick fog|A cold wind|A thunderstorm|Black ice] {place} [this morning|today|again], [do not forget your umbrella|and tomorrow will be [warmer|colder|worse]].",
                "[Sunshine|Blue sky|A clear night] {place} [at last|again|today]: [not a cloud to be seen|the thermometer shows [twenty|twenty-five|thirty] degrees].",
                "The forecast [promises|speaks of|warns of] [frost|showers|a storm|heat|thunder] {place} [tomorrow|tonight|for the weekend].",
            ],
            Food:
            [
                "[Today|At noon|In the evening] we had [plum cake|lentil soup|pancakes|mushroom pie|dumplings] {place}, [with far too much [garlic|butter|pepper]|and nothing was left|and it tasted of childhood].",
                "The [soup|bread|cheese|stew|apple pie] {place} was [delicious|far too salty|still warm|burnt].",
                "My recipe for [bean stew|gingerbread|cucumber salad|porridge] needs [two onions|a spoonful of honey|fresh herbs] and [patience|a large bowl].",
                "[Breakfast|Lunch|Supper] {place}: [eggs and toast|rice with vegetables|fish and potatoes|pears with cream].",
            ],
            Travel:
            [
                "The [train|bus|ferry|plane] was stuck {place} for [an hour|two hours|ages] [because of the snow|without a reason], [we missed the connection|all passengers had to change].",
                "[The suitcases are packed|The tickets are bought|The hotel is booked], [tomorrow|on Friday|at dawn] we leave for the [coast|mountains|border].",
                "[Three|Five|Ten] days {place}: the [harbour|old town|museum|castle] was [worth the journey|crowded with tourists|closed].",
                "On the [hike|bicycle tour|round trip] {place} we [lost our way|forgot the map|found the loveliest beach].",
            ],
            Music:
            [
                "The [choir|brass band|orchestra|quartet] [rehearsed|performed] {place} [last night|on Sunday|until midnight], [the violins were out of tune|the drums were too loud|we all sang along].",
                "I am learning the [piano|cello|flute|guitar|accordion] and play [scales|the same waltz|a single chord] [every evening|every morning].",
                "This [song|melody|symphony|album] [has been in my head since yesterday|makes me cry|deserves a better voice].",
                "Concert {place}: [two encores|a wonderful soprano|a broken string|the pianist forgot the notes].",
            ],
            Work:
            [
                "The [meeting|conference call|committee] {place} [lasted three hours|was postponed again|ended without a decision], [the boss|my colleague|the client] [wants the report by Friday|was not amused|had no slides].",
                "[The report|The budget|The contract] was [finished|handed in|signed] [at last|at midnight|just in time], now [the inbox|the next task] is waiting.",
                "New [colleague|printer|office|boss] {place}: [nothing works yet|everybody is nervous|overtime for all of us].",
                "[Monday|Overtime|Night shift] {place}: [forty unread e-mails|three deadlines|the printer is jammed again].",
            ]),
        Remarks = ["[What a day|I could get used to this|Never again|You had to be there|Nobody believes me][.|!]", "[More|The rest] tomorrow."],
        CompanionRemarks = ["{companion} [was with me, of course|is of the same opinion|says hello|has seen it all before]."],
    };
}
