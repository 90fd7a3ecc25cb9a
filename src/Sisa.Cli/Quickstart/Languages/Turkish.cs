namespace Sisa.Cli.Quickstart.Languages;

internal static class Turkish
{
    public static SampleLanguage Table { get; } = new()
    {
        Name = "Turkish",
        People = ["[Ilgım|Tanbey|Çisem|Alpagu|Yonca|Doruk|Peri|Sarp|Gökçe|Umay|Bora|Defne] [Bulut|Çınar|Fener|Kiraz|Ceviz|Leylek][ören|söz|kanat|tepe|yürek|ışık]"],
        Places = ["[Yukarı|Aşağı|Eski|Küçük] [Leylek|Kiraz|Ceviz|Turna|Bulut][ova'da|köy'de|pınar'da|tepe'de]"],
        Companions = ["[Pamuk|Boncuk|Fındık|Minnoş|Tosun|Zıpzıp|Lokum|Karabaş|Cingöz|Tarçın|Fıstık|Zeytin] [Kaptan|Bey|Paşa|Efe|Hanım|Usta|Çavuş|Şef|Reis|Dede]"],
        Topics = new(
            Weather:
            [
                "{place} [sabahtan beri|bütün gün|saatlerdir] [yağmur|kar|dolu] yağıyor[.|, [sokaklar|tarlalar|bahçeler] [sular altında|bembeyaz|bomboş].]",
                "{place} [yoğun sis|soğuk rüzgâr|fırtına|buzlanma] var, [şemsiyeyi unutmayın|yarın hava [daha sıcak|daha soğuk|daha da kötü] olacak].",
                "{place} [güneşli bir gün|masmavi bir gökyüzü|açık bir gece]: [tek bulut yok|termometre [yirmi|yirmi beş|otuz] derece gösteriyor].",
                "Meteoroloji [yarın|hafta sonu|bu gece] {place} [don|sağanak|aşırı sıcak|gök gürültüsü] bekliyor.",
            ],
            Food:
            [
                "[Bugün|Öğlen|Akşam] {place} [erikli kek|mercimek çorbası|gözleme|mantarlı börek|mantı] yedik, [[sarımsağı|tereyağı|karabiberi] fazlaydı|hiç kalmadı|tadı çocukluğumu hatırlattı].",
                "{place} [çorba|ekmek|peynir|güveç|elmalı turta] [çok lezzetliydi|fazla tuzluydu|hâlâ sıcaktı|yanmıştı].",
                "[Kuru fasulye|Zencefilli kurabiye|Cacık|Sütlaç] için [iki soğan|bir kaşık bal|taze nane] ve [sabır|iyi bir tencere] gerekir.",
                "{place} [kahvaltı|öğle yemeği|akşam yemeği]: [yumurta ve simit|sebzeli pilav|balık ve patates|kaymaklı armut].",
            ],
            Travel:
            [
                "[Tren|Otobüs|Vapur|Uçak] {place} [bir saat|iki saat|uzun süre] [kar yüzünden|sebepsiz yere] bekledi, [aktarmayı kaçırdık|bütün yolcular inmek zorunda kaldı].",
                "[Bavullar hazır|Biletler alındı|Otel ayırtıldı], [yarın|cuma günü|gün doğarken] [denize|dağlara|sınıra] doğru yola çıkıyoruz.",
                "{place} [üç|beş|on] gün: [liman|eski şehir|müze|kale] [yolculuğa değdi|turist doluydu|kapalıydı].",
                "{place} [yürüyüşte|bisiklet turunda|gezide] [yolu kaybettik|haritayı unuttuk|en güzel plajı bulduk].",
            ],
            Music:
            [
                "[Koro|Bando|Orkestra|Dörtlü] [dün akşam|pazar günü|gece yarısına kadar] {place} [prova yaptı|sahne aldı], [kemanların akordu bozuktu|davullar fazla gürültülüydü|hepimiz eşlik ettik].",
                "[Piyano|Çello|Flüt|Gitar|Akordeon] öğreniyorum, [her akşam|her sabah] [gam|aynı valsi|tek bir akoru] çalışıyorum.",
                "Bu [şarkı|ezgi|senfoni|albüm] [dünden beri aklımdan çıkmıyor|beni ağlatıyor|daha iyi bir ses hak ediyor].",
                "{place} konser: [iki kez bis yapıldı|harika bir soprano|kopan bir tel|piyanist notaları unuttu].",
            ],
            Work:
            [
                "{place} [toplantı|telefon görüşmesi|kurul toplantısı] [üç saat sürdü|yine ertelendi|karar alınmadan bitti], [müdür|iş arkadaşım|müşteri] [raporu cumaya istiyor|pek memnun kalmadı|sunumu getirmemişti].",
                "[Rapor|Bütçe|Sözleşme] [nihayet|gece yarısı|son günde] [bitti|teslim edildi|imzalandı], şimdi sırada [gelen kutusu|bir sonraki görev] var.",
                "{place} yeni [iş arkadaşı|yazıcı|ofis|müdür]: [henüz hiçbir şey çalışmıyor|herkes gergin|hepimize fazla mesai].",
                "{place} [pazartesi|fazla mesai|gece vardiyası]: [kırk okunmamış e-posta|üç teslim tarihi|yazıcı yine sıkıştı].",
            ]),
        Remarks = ["[Ne gündü ama|Buna alışabilirim|Bir daha asla|Orada olmak lazımdı|Kimse bana inanmıyor][.|!]", "[Devamı|Gerisi] yarın."],
        CompanionRemarks = ["{companion} [tabii ki yanımdaydı|aynı fikirde|selam söylüyor|bunların hepsini gördü]."],
    };
}
