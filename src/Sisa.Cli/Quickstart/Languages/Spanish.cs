namespace Sisa.Cli.Quickstart.Languages;

internal static class Spanish
{
    public static SampleLanguage Table { get; } = new()
    {
        Name = "Spanish",
        People = ["[Amarilis|Fausto|Candela|Leocadio|Brisa|Evaristo|Violeta|Saturio|Jacinta|Nicanor|Aurelia|Crispín] [Luna|Agua|Flor|Roca|Niebla|Nube][verde|mansa|sola|larga|alta|nueva]"],
        Places = ["en [Villa|Peña|Fuente|Torre][garza|olmo|trigo|lirio|cierzo] [de Arriba|de Abajo|del Río|la Vieja]"],
        Companions = ["[Chis|Tol|Mim|Cor|Ruf|Gor|Zar|Lul|Tin|Bris|Fil|Nov][ito|ina|ete|olín|uca|ón|iche|elo|anda|usco]"],
        Topics = new(
            Weather:
            [
                "[Llueve|Nieva|Graniza|Llovizna] {place} [desde la mañana|sin parar|desde hace horas][.|, y las calles están [inundadas|blancas|vacías].]",
                "[Niebla espesa|Viento helado|Tormenta|Hielo en las aceras] {place}: [no olvidéis el paraguas|mañana hará [más calor|más frío|un tiempo aún peor]].",
                "[Sol radiante|Cielo azul|Noche despejada] {place}: [ni una nube|el termómetro marca [veinte|veinticinco|treinta] grados].",
                "El pronóstico anuncia [heladas|chubascos|calor|deshielo|truenos] {place} [para mañana|para el fin de semana|para esta noche].",
            ],
            Food:
            [
                "[Hoy|Al mediodía|Por la noche] comimos {place} [tarta de ciruelas|sopa de lentejas|tortitas|empanada de setas|croquetas], [con demasiado [ajo|aceite|pimentón]|y no quedó nada|con sabor a infancia].",
                "[El pan|El queso|El guiso|El pastel de manzana] {place} estaba [riquísimo|salado|todavía caliente|quemado].",
                "Para [el potaje|las galletas de jengibre|la ensalada de pepino|el arroz con leche] hacen falta [dos cebollas|una cucharada de miel|hierbas frescas] y [paciencia|un cuenco grande].",
                "[Desayuno|Almuerzo|Cena] {place}: [huevos y tostadas|arroz con verduras|pescado con patatas|peras con nata].",
            ],
            Travel:
            [
                "[El tren|El autobús|El transbordador|El avión] estuvo parado {place} [una hora|dos horas|una eternidad] [por la nieve|sin explicación], y [perdimos el enlace|todos los viajeros tuvieron que bajar].",
                "[Las maletas están hechas|Los billetes están comprados|El hotel está reservado]: [mañana|el viernes|al amanecer] salimos hacia [la costa|la sierra|la frontera].",
                "[Tres|Cinco|Diez] días {place}: [el puerto|el casco antiguo|el museo|el castillo] [merecía el viaje|estaba lleno de turistas|estaba cerrado].",
                "En [la caminata|la excursión en bicicleta|la ruta] {place} [perdimos el camino|olvidamos el mapa|encontramos la playa más bonita].",
            ],
            Music:
            [
                "[El coro|La banda|La orquesta|El cuarteto] [ensayó|actuó] {place} [anoche|el domingo|hasta medianoche]: [los violines desafinaban|los tambores sonaban demasiado fuerte|todos cantamos].",
                "Estoy aprendiendo a tocar [el piano|el violonchelo|la flauta|la guitarra|el acordeón] y repito [escalas|el mismo vals|un solo acorde] [cada noche|cada mañana].",
                "[Esta canción|Esta melodía|Esta sinfonía|Este disco] [no se me va de la cabeza desde ayer|me hace llorar|merece una voz mejor].",
                "Concierto {place}: [dos bises|una soprano maravillosa|una cuerda rota|el pianista olvidó la partitura].",
            ],
            Work:
            [
                "[La reunión|La videoconferencia|La junta] {place} [duró tres horas|se aplazó otra vez|terminó sin acuerdo], y [la jefa|mi compañero|la clienta] [quiere el informe el viernes|no estaba de buen humor|no traía diapositivas].",
                "[El informe|El presupuesto|El contrato] está [por fin|ya] [terminado|entregado|firmado], y ahora espera [la bandeja de entrada|la siguiente tarea].",
                "[Compañera nueva|Impresora nueva|Oficina nueva|Jefa nueva] {place}: [todavía no funciona nada|todos están nerviosos|horas extra para todos].",
                "[Lunes|Horas extra|Turno de noche] {place}: [cuarenta correos sin leer|tres plazos de entrega|la impresora se ha vuelto a atascar].",
            ]),
        Remarks = ["[Vaya día|Podría acostumbrarme|Nunca más|Había que estar allí|Nadie me cree][.|…]", "Mañana [sigo contando|cuento el resto]."],
        CompanionRemarks = ["{companion} [estaba conmigo, claro|opina lo mismo|manda saludos|ya lo ha visto todo]."],
    };
}
