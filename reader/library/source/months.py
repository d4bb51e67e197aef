"""The names of months in the languages in which dates are read, and the words around them.

Only names that mean the same month in all these languages and their neighbours. Polish
`listopad` is missing: it is November there, and October in Croatian.
"""

from __future__ import annotations

import re
from typing import Final

MONTH_NAMES: Final = (
    (
        "jan january januar jänner januari janv janvier janeiro ene enero gen gennaio stycznia styczeń "
        "янв января январь січня januára ledna leden tammikuu tammikuuta ocak"
    ),
    (
        "feb february febr februar februari févr fév février febrero febbraio fev fevereiro lutego luty "
        "фев февр февраля февраль лютого února únor helmikuu helmikuuta şubat"
    ),
    (
        "mar march mär märz maerz mrz mars marzo março mrt maart marca marzec marts "
        "мар марта март března březen maaliskuu maaliskuuta mart"
    ),
    (
        "apr april avr avril abr abril aprile kwietnia kwiecień "
        "апр апреля апрель dubna duben huhtikuu huhtikuuta nisan"
    ),
    "may mai mayo mag maggio maio mei maja maj мая май května květen toukokuu toukokuuta mayıs",
    (
        "jun june juni juin junio giu giugno junho czerwca czerwiec "
        "июн июня июнь června červen kesäkuu kesäkuuta haziran"
    ),
    (
        "jul july juli juil juillet julio lug luglio julho lipca lipiec "
        "июл июля июль července červenec heinäkuu heinäkuuta temmuz"
    ),
    (
        "aug august août aout ago agosto augustus sierpnia sierpień augusti "
        "авг августа август srpna srpen elokuu elokuuta ağustos"
    ),
    (
        "sep sept september septembre septiembre setiembre set settembre setembro września wrzesień "
        "сен сент сентября сентябрь září syyskuu syyskuuta eylül"
    ),
    (
        "oct october okt oktober octobre octubre ott ottobre out outubro października październik "
        "окт октября октябрь října říjen lokakuu lokakuuta ekim"
    ),
    "nov november novembre noviembre novembro ноя нояб ноября ноябрь marraskuu marraskuuta kasım",
    (
        "dec december dez dezember déc décembre dic diciembre dicembre dezembro grudnia grudzień "
        "desember дек декабря декабрь prosince prosinec joulukuu joulukuuta aralık"
    ),
)
"""For each month its names and abbreviations in English, German, French, Spanish, Italian,
Portuguese, Dutch, Polish, Russian, the Scandinavian languages, Czech, Finnish and Turkish."""
MONTHS: Final = {
    name: number for number, line in enumerate(MONTH_NAMES, 1) for name in line.split()
}
"""The number of a month, 1 to 12, by a name in lower case."""
MONTH_PATTERN: Final = "|".join(re.escape(name) for name in sorted(MONTHS, key=len, reverse=True))
OF_PATTERN: Final = r"(?:(?:of|de|del|d')\s*)?"
"""The word between a day, a month and a year in English and the Romance languages."""
WEEKDAY_PATTERN: Final = (
    r"(?:mon(?:day)?|tues?(?:day)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?"
    r"|sun(?:day)?|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonnabend|sonntag"
    r"|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche"
    r"|lunes|martes|miércoles|jueves|viernes|sábado|domingo"
    r"|lunedì|martedì|mercoledì|giovedì|venerdì|sabato|domenica"
    r"|maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag"
    r"|måndag|tisdag|onsdag|torsdag|fredag|lördag|söndag)\b[.,]?\s+"
)
ARTICLE_PATTERN: Final = r"(?:(?:den|le|el|il)\s+)?"
"""What may precede the day."""
