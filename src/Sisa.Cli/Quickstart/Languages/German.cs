namespace Sisa.Cli.Quickstart.Languages;

internal static class German
{
    public static SampleLanguage Table { get; } = new()
    {
        Name = "German",
        People = ["[Fenna|Ruprecht|Malwine|Tjark|Ottokar|Wiebke|Isolde|Korbinian|Runa|Lorenz|Elsbeth|Gisbert] [Nebel|Apfel|Moos|Funken|Lampen|Wolken][garn|schopf|pfad|kamm|hut|löffel]"],
        Places = ["in [Ober|Unter|Klein|Alt][moos|birken|kranich|luchs|nebel][bach|feld|au|winkel]"],
        Companions = ["[Wuff|Knod|Pumm|Zott|Murr|Schnurr|Brumm|Flock|Knurr|Hopp|Quast|Trull][el|ine|chen|o|bert|mann|linde|ling|rich|erle]"],
        Topics = new(
            Weather:
            [
                "[Es regnet|Es schneit|Es hagelt|Es nieselt] {place} [seit dem Morgen|schon den ganzen Tag|seit Stunden][.|, und die [Straßen|Felder|Gärten] sind [überschwemmt|weiß|leer].]",
                "[Dichter Nebel|Kalter Wind|Ein Gewitter|Glatteis] {place}: [den Schirm nicht vergessen|morgen soll es [wärmer|kälter|noch schlimmer] werden].",
                "[Sonnenschein|Blauer Himmel|Eine klare Nacht] {place}: [keine Wolke in Sicht|das Thermometer zeigt [zwanzig|fünfundzwanzig|dreißig] Grad].",
                "Der Wetterbericht [meldet|verspricht] [für morgen|für das Wochenende|für heute Nacht] [Frost|Schauer|Hitze|Tauwetter|Gewitter] {place}.",
            ],
            Food:
            [
                "[Heute|Zu Mittag|Am Abend] gab es {place} [Pflaumenkuchen|Linsensuppe|Pfannkuchen|Pilzpastete|Knödel], [mit viel zu viel [Knoblauch|Butter|Pfeffer]|und nichts blieb übrig|wie bei meiner Großmutter].",
                "[Die Suppe|Das Brot|Der Käse|Der Eintopf|Der Apfelkuchen] {place} war [köstlich|versalzen|noch warm|angebrannt].",
                "Für [Bohneneintopf|Lebkuchen|Gurkensalat|Haferbrei] braucht man [zwei Zwiebeln|einen Löffel Honig|frische Kräuter] und [Geduld|eine große Schüssel].",
                "[Frühstück|Mittagessen|Abendbrot] {place}: [Eier und Toast|Reis mit Gemüse|Fisch mit Kartoffeln|Birnen mit Sahne].",
            ],
            Travel:
            [
                "[Der Zug|Der Bus|Die Fähre|Das Flugzeug] stand {place} [eine Stunde|zwei Stunden|ewig], [wegen Schnee|ohne Grund]: [der Anschluss war weg|alle Reisenden mussten umsteigen].",
                "[Die Koffer sind gepackt|Die Fahrkarten sind gekauft|Das Hotel ist gebucht], [morgen|am Freitag|bei Sonnenaufgang] geht es [ans Meer|in die Berge|über die Grenze].",
                "[Drei|Fünf|Zehn] Tage {place}: [der Hafen|die Altstadt|das Museum|die Burg] [war die Reise wert|war voller Touristen|war leider geschlossen].",
                "Auf der [Wanderung|Radtour|Rundreise] {place} haben wir [den Weg verloren|die Landkarte vergessen|den schönsten Strand gefunden].",
            ],
            Music:
            [
                "[Der Chor|Die Kapelle|Das Orchester|Das Quartett] [probte|gastierte] {place} [gestern Abend|am Sonntag|bis Mitternacht], [die Geigen waren verstimmt|das Schlagzeug war zu laut|alle sangen mit].",
                "Ich lerne [Klavier|Cello|Flöte|Gitarre|Akkordeon] und übe [jeden Abend|jeden Morgen] [Tonleitern|denselben Walzer|einen einzigen Akkord].",
                "[Dieses Lied|Diese Melodie|Diese Sinfonie|Dieses Album] [geht mir seit gestern nicht aus dem Kopf|bringt mich zum Weinen|verdient eine bessere Stimme].",
                "Konzert {place}: [zwei Zugaben|ein wunderbarer Sopran|eine gerissene Saite|der Pianist vergaß die Noten].",
            ],
            Work:
            [
                "[Die Besprechung|Die Telefonkonferenz|Die Sitzung] {place} [dauerte drei Stunden|wurde wieder verschoben|endete ohne Beschluss], [die Chefin|der Kollege|die Kundin] [will den Bericht bis Freitag|war nicht begeistert|hatte keine Folien].",
                "[Der Bericht|Der Finanzplan|Der Vertrag] ist [endlich|kurz vor der Frist] [fertig|abgegeben|unterschrieben], jetzt wartet [der Posteingang|die nächste Aufgabe].",
                "[Neue Kollegin|Neuer Drucker|Neues Büro|Neue Chefin] {place}: [noch funktioniert nichts|alle sind nervös|Überstunden für alle].",
                "[Montag|Überstunden|Nachtschicht] {place}: [vierzig ungelesene E-Mails|drei Fristen|der Drucker streikt schon wieder].",
            ]),
        Remarks = ["[Was für ein Tag|Daran könnte ich mich gewöhnen|Nie wieder|Man muss dabei gewesen sein|Das glaubt mir keiner][.|!]", "Morgen [mehr davon|erzähle ich weiter]."],
        CompanionRemarks = ["{companion} [war natürlich dabei|ist derselben Meinung|lässt grüßen|hat das alles schon gesehen]."],
    };
}
