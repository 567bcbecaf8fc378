"""The clients of the demo and their cars, all invented.

Their numbers lie in one range, +7 900 000, and their plates bear no region, so that nobody real is met.
"""

from dataclasses import dataclass, field
from random import Random

from vovremya.customers.rules import CarGiven
from vovremya.kernel.plates import CYRILLIC


@dataclass(frozen=True)
class Person:
    """A client with one car. Two of the same name and number are one client with two cars."""

    name: str
    car: CarGiven
    phones: tuple[str, ...] = ()
    representative: str = ""
    comment: str = ""


def number(last_four: int) -> str:
    digits = f"{last_four:04}"
    return f"+7 900 000-{digits[:2]}-{digits[2:]}"


def car(plate: str, title: str, year: int, mileage: int) -> CarGiven:
    make, _, model = title.partition(" ")
    return CarGiven(make, model, plate, year=year, mileage=mileage)


# --- those whom the demo tells a story about ---

SMIRNOVA = Person("Смирнова Анна Викторовна", car("М347ВС", "Hyundai Solaris", 2019, 84_200), (number(147),))
BORISOV = Person("Борисов Илья Андреевич", car("О613КТ", "Skoda Octavia", 2017, 141_800), (number(213), number(214)))
PANOVA = Person("Панова Дарья Сергеевна", car("Т862РС", "Kia Rio", 2020, 66_300), (number(318),))
GRISHIN_RIO = Person("Гришин Олег Николаевич", car("С745ЕМ", "Lada Largus", 2018, 156_000), (number(425),))
GRISHIN_NIVA = Person("Гришин Олег Николаевич", car("К802АО", "Lada Niva Legend", 2021, 48_900), (number(425),))
KRAVTSOV = Person("Кравцов Антон Павлович", car("Х219НО", "Volkswagen Polo", 2016, 173_500), (number(531),))
MUKHINA = Person("Мухина Регина Маратовна", car("Е410КХ", "Renault Logan", 2015, 188_000), (number(642), number(643)))
WITHOUT_PHONE = Person("Фёдоров Степан Ильич", car("Н129ХУ", "УАЗ Патриот", 2014, 201_400))
LONG_NAME = Person(
    "Константинопольская-Преображенская Александра Вячеславовна",
    car("А774МР", "Mercedes-Benz GLC 300 4MATIC Coupe", 2021, 39_700),
    (number(753),),
)
FLEET = Person(
    "ООО «Северо-Западная транспортно-экспедиционная компания «Полярная звезда»",
    car("В508ТУ", "ГАЗ ГАЗель NEXT", 2022, 118_600),
    (number(860), number(861), number(862)),
    representative="Ларин Пётр Алексеевич",
)
TAXI = Person("Такси «Комета» (парк)", car("У333РВ", "Chery Tiggo 7 Pro", 2023, 97_100), (number(970),), "Агапова Инна")
# One family, one phone.
MELNIKOV = Person("Мельников Игорь Петрович", car("Р155ОН", "Toyota Camry", 2018, 129_300), (number(1055),))
MELNIKOVA = Person("Мельникова Ольга Юрьевна", car("Р156ОН", "Mazda CX-5", 2019, 72_800), (number(1055),))
# Who waits for a time.
ARTEMOV = Person("Артёмов Глеб Юрьевич", car("О118ЕК", "Renault Duster", 2017, 133_400), (number(1385),))
KOSTIN = Person("Костин Вадим Эдуардович", car("К640СУ", "Ford Focus", 2012, 214_900), (number(1496),))
VASINA = Person("Васина Лилия Тимуровна", car("Х907АР", "Kia Ceed", 2020, 58_100), (number(1507),))
LEVINA = Person("Левина Роза Марковна", car("Е255ВО", "Opel Astra", 2013, 166_700), (number(1618),))
ZIMIN = Person("Зимин Кирилл Денисович", car("М081НХ", "Haval Jolion", 2023, 27_400), (number(1163),))
ABRAMOVA = Person("Абрамова Софья Львовна", car("Т290ХС", "Nissan Qashqai", 2019, 91_000), (number(1274),))
DEMIN = Person("Дёмин Константин Юрьевич", car("Р409НН", "Lada Granta", 2020, 88_700), (number(1381),))
RYABOV = Person("Рябов Сергей Михайлович", car("Н700ЕК", "Geely Atlas", 2022, 41_200), (number(1492),))
TITOVA = Person("Титова Лариса Анатольевна", car("А044ТВ", "Kia Sportage", 2020, 63_900), (number(1503),))
SUBBOTIN = Person("Субботин Вадим Романович", car("В148ТХ", "Opel Astra", 2013, 212_700), (number(1614),))

# --- everybody else ---


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """«Жуков/Жукова» for a man and for a woman; one word serves both."""
    return tuple((word.split("/")[0], word.split("/")[-1]) for word in text.split())


_SURNAMES = _pairs("""
    Агафонов/Агафонова Аксёнов/Аксёнова Баранов/Баранова Белоусов/Белоусова Блинов/Блинова Быков/Быкова
    Васильев/Васильева Веселов/Веселова Власов/Власова Воронцов/Воронцова Гаврилов/Гаврилова Галкин/Галкина
    Герасимов/Герасимова Голубев/Голубева Горбунов/Горбунова Данилов/Данилова Дорофеев/Дорофеева
    Евдокимов/Евдокимова Емельянов/Емельянова Ершов/Ершова Ефимов/Ефимова Жданов/Жданова Журавлёв/Журавлёва
    Зайцев/Зайцева Захаров/Захарова Зотов/Зотова Зуев/Зуева Игнатов/Игнатова Ильин/Ильина Исаев/Исаева
    Казаков/Казакова Калашников/Калашникова Карпов/Карпова Киселёв/Киселёва Климов/Климова Князев/Князева
    Ковалёв/Ковалёва Колесников/Колесникова Комаров/Комарова Корнилов/Корнилова Крылов/Крылова
    Кудряшов/Кудряшова Кулагин/Кулагина Лапин/Лапина Лебедев/Лебедева Логинов/Логинова Лукин/Лукина
    Макаров/Макарова Медведев/Медведева Мишин/Мишина Моисеев/Моисеева Муравьёв/Муравьёва Назаров/Назарова
    Наумов/Наумова Нестеров/Нестерова Носов/Носова Одинцов/Одинцова Осипов/Осипова Павлов/Павлова
    Пахомов/Пахомова Поляков/Полякова Прохоров/Прохорова Рожков/Рожкова Русаков/Русакова Савельев/Савельева
    Селезнёв/Селезнёва Сидоров/Сидорова Соболев/Соболева Сорокин/Сорокина Стрельцов/Стрельцова
    Сычёв/Сычёва Тарасов/Тарасова Тимофеев/Тимофеева Тихонов/Тихонова Третьяков/Третьякова Трофимов/Трофимова
    Уваров/Уварова Устинов/Устинова Филатов/Филатова Фомин/Фомина Фролов/Фролова Харитонов/Харитонова
    Чернов/Чернова Чистяков/Чистякова Шаповалов/Шаповалова Шевчук Ширяев/Ширяева Шубин/Шубина Щербаков/Щербакова
    Юдин/Юдина Яковлев/Яковлева Бондаренко Лысенко Ткач Ким Саркисян Абдуллин/Абдуллина Хабибуллин/Хабибуллина
    """)
_MEN = _words("""
    Александр Алексей Андрей Антон Артём Борис Вадим Валерий Виктор Владимир Глеб Григорий Денис Дмитрий Евгений
    Иван Игорь Кирилл Константин Максим Михаил Никита Николай Олег Павел Пётр Роман Руслан Сергей Тимур Фёдор Юрий
    """)
_WOMEN = _words("""
    Алина Алла Анастасия Анна Валентина Вера Виктория Галина Дарья Евгения Екатерина Елена Жанна Зоя Инна Ирина
    Ксения Лариса Лидия Людмила Марина Мария Надежда Наталья Нина Оксана Ольга Полина Светлана Татьяна Юлия Яна
    """)
_PATRONYMICS = _pairs("""
    Александрович/Александровна Алексеевич/Алексеевна Андреевич/Андреевна Борисович/Борисовна Вадимович/Вадимовна
    Валерьевич/Валерьевна Викторович/Викторовна Владимирович/Владимировна Геннадьевич/Геннадьевна
    Дмитриевич/Дмитриевна Евгеньевич/Евгеньевна Иванович/Ивановна Игоревич/Игоревна Ильич/Ильинична
    Константинович/Константиновна Львович/Львовна Максимович/Максимовна Михайлович/Михайловна
    Николаевич/Николаевна Олегович/Олеговна Павлович/Павловна Петрович/Петровна Романович/Романовна
    Сергеевич/Сергеевна Степанович/Степановна Фёдорович/Фёдоровна Юрьевич/Юрьевна
    """)
_ORGANISATIONS = (
    ("ООО «Утренний хлеб»", "Бирюкова Нина"),
    ("АО «Балтийские склады»", "Рощин Павел"),
    ("ИП Гончаренко А. С.", ""),
    ("ООО «Зелёный дом»", "Орехова Майя"),
    ("Клиника «Подорожник»", "Седов Артур"),
    ("ООО «Быстрая почта»", "Ежов Данила"),
)
_CARS = """
    Lada Vesta; Lada Granta; Lada Largus; Lada Niva Travel; Kia Rio; Kia Ceed; Kia K5; Kia Sportage; Hyundai Solaris;
    Hyundai Creta; Hyundai Tucson; Volkswagen Polo; Volkswagen Tiguan; Skoda Rapid; Skoda Octavia; Skoda Kodiaq;
    Renault Logan; Renault Duster; Renault Arkana; Toyota Camry; Toyota RAV4; Toyota Corolla; Nissan Qashqai;
    Nissan X-Trail; Mazda CX-5; Mazda 6; Mitsubishi Outlander; Ford Focus; Opel Astra; Haval Jolion; Haval F7;
    Chery Tiggo 4; Chery Tiggo 7 Pro; Geely Atlas; Geely Coolray; Exeed TXL; Omoda C5; Москвич 3; Audi A4; BMW X3;
    УАЗ Патриот
    """
_CAR_TITLES = tuple(title.strip() for title in _CARS.split(";"))
_EAST_CARS = (
    *("Toyota Prius", "Toyota Aqua", "Toyota Harrier", "Honda Fit", "Honda Vezel", "Nissan Note", "Nissan Leaf"),
    *("Mazda Demio", "Subaru Forester", "Suzuki Jimny", "Toyota Land Cruiser 200", "Mitsubishi Delica"),
)


@dataclass
class Crowd:
    """Endless strangers, each with a name, a number and a plate of their own."""

    dice: Random
    first_number: int
    car_titles: tuple[str, ...] = _CAR_TITLES
    _given: int = 0
    _plates: set[str] = field(default_factory=set)

    def next_person(self) -> Person:
        self._given += 1
        own_car = self._car()
        if self._given % 17 == 0:
            name, representative = self.dice.choice(_ORGANISATIONS)
            return Person(name, own_car, self._phones(), representative)
        is_woman = self.dice.random() < 0.4
        surname = self.dice.choice(_SURNAMES)[is_woman]
        first = self.dice.choice(_WOMEN if is_woman else _MEN)
        patronymic = self.dice.choice(_PATRONYMICS)[is_woman] if self.dice.random() < 0.85 else ""
        return Person(f"{surname} {first} {patronymic}".strip(), own_car, self._phones())

    def _phones(self) -> tuple[str, ...]:
        count = 2 if self.dice.random() < 0.12 else 1
        first = self.first_number + self._given * 2 % _NUMBERS_OF_A_SHARE
        return tuple(number(first + extra) for extra in range(count))

    def _car(self) -> CarGiven:
        title = self.dice.choice(self.car_titles)
        year = self.dice.randint(2012, 2026)
        mileage = (2027 - year) * self.dice.randint(9, 22) * 1000 + self.dice.randint(0, 9) * 100
        has_vin = self.dice.random() < 0.8
        make, _, model = title.partition(" ")
        return CarGiven(make, model, self._plate(), self._vin() if has_vin else "", year, mileage)

    def _plate(self) -> str:
        while True:
            letters = "".join(self.dice.choice(CYRILLIC) for _ in range(3))
            plate = f"{letters[0]}{self.dice.randint(1, 999):03}{letters[1:]}"
            if plate not in self._plates:
                self._plates.add(plate)
                return plate

    def _vin(self) -> str:
        return "DEM0" + "".join(self.dice.choice("ABCDEFGHJKLMNPRSTUVWXYZ0123456789") for _ in range(13))


_FIRST_NUMBERS = {"KGD": 2000, "SEV": 4500, "VVO": 7000}
_NUMBERS_OF_A_SHARE = 800


def crowd_of(branch_code: str, dice: Random, *, share: int) -> Crowd:
    """Each branch draws numbers from its own part of the range, in three shares, and in the east drives other cars."""
    first_number = _FIRST_NUMBERS[branch_code] + share * _NUMBERS_OF_A_SHARE
    return Crowd(dice, first_number, _EAST_CARS if branch_code == "VVO" else _CAR_TITLES)
