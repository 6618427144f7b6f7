"""The facts behind the demo model's training text: tables of real places, one row a line.

Columns are separated by `|`; `-` says that a value is unknown, disputed or not wanted.  A name is
written as it stands inside a sentence, article included ("the Golden Gate Bridge").
"""


def table(columns, text):
    """Rows of a table as dictionaries; a missing value is left out."""
    names = columns.split("|")
    rows = []
    for line in text.strip().splitlines():
        values = [value.strip() for value in line.split("|")]
        assert len(values) == len(names), line
        rows.append({n: v for n, v in zip(names, values) if v != "-"})
    assert len({tuple(row.items()) for row in rows}) == len(rows), columns
    return rows


COUNTRIES = table("country|capital|continent|people|river", """
France|Paris|Europe|French|the Seine
Spain|Madrid|Europe|Spanish|the Manzanares
Portugal|Lisbon|Europe|Portuguese|the Tagus
Italy|Rome|Europe|Italian|the Tiber
Germany|Berlin|Europe|German|the Spree
Austria|Vienna|Europe|Austrian|the Danube
Switzerland|Bern|Europe|Swiss|the Aare
Belgium|Brussels|Europe|Belgian|-
the Netherlands|Amsterdam|Europe|Dutch|the Amstel
Denmark|Copenhagen|Europe|Danish|-
Norway|Oslo|Europe|Norwegian|-
Sweden|Stockholm|Europe|Swedish|-
Finland|Helsinki|Europe|Finnish|-
Iceland|Reykjavik|Europe|Icelandic|-
Ireland|Dublin|Europe|Irish|the Liffey
the United Kingdom|London|Europe|British|the Thames
Poland|Warsaw|Europe|Polish|the Vistula
the Czech Republic|Prague|Europe|Czech|the Vltava
Slovakia|Bratislava|Europe|Slovak|the Danube
Hungary|Budapest|Europe|Hungarian|the Danube
Romania|Bucharest|Europe|Romanian|-
Bulgaria|Sofia|Europe|Bulgarian|-
Greece|Athens|Europe|Greek|-
Serbia|Belgrade|Europe|Serbian|the Danube
Croatia|Zagreb|Europe|Croatian|the Sava
Slovenia|Ljubljana|Europe|Slovenian|the Ljubljanica
Bosnia and Herzegovina|Sarajevo|Europe|Bosnian|the Miljacka
North Macedonia|Skopje|Europe|Macedonian|the Vardar
Albania|Tirana|Europe|Albanian|-
Ukraine|Kyiv|Europe|Ukrainian|the Dnieper
Belarus|Minsk|Europe|Belarusian|-
Lithuania|Vilnius|Europe|Lithuanian|the Neris
Latvia|Riga|Europe|Latvian|the Daugava
Estonia|Tallinn|Europe|Estonian|-
Russia|Moscow|-|Russian|the Moskva
Turkey|Ankara|-|Turkish|-
Georgia|Tbilisi|-|Georgian|the Kura
Armenia|Yerevan|Asia|Armenian|-
China|Beijing|Asia|Chinese|-
Japan|Tokyo|Asia|Japanese|the Sumida
South Korea|Seoul|Asia|Korean|the Han
India|New Delhi|Asia|Indian|the Yamuna
Pakistan|Islamabad|Asia|Pakistani|-
Bangladesh|Dhaka|Asia|Bangladeshi|-
Nepal|Kathmandu|Asia|Nepalese|the Bagmati
Thailand|Bangkok|Asia|Thai|the Chao Phraya
Vietnam|Hanoi|Asia|Vietnamese|the Red River
Cambodia|Phnom Penh|Asia|Cambodian|the Mekong
Laos|Vientiane|Asia|Laotian|the Mekong
Malaysia|Kuala Lumpur|Asia|Malaysian|-
the Philippines|Manila|Asia|Filipino|the Pasig
Mongolia|Ulaanbaatar|Asia|Mongolian|-
Iran|Tehran|Asia|Iranian|-
Iraq|Baghdad|Asia|Iraqi|the Tigris
Syria|Damascus|Asia|Syrian|the Barada
Lebanon|Beirut|Asia|Lebanese|-
Jordan|Amman|Asia|Jordanian|-
Saudi Arabia|Riyadh|Asia|Saudi|-
Oman|Muscat|Asia|Omani|-
Qatar|Doha|Asia|Qatari|-
Afghanistan|Kabul|Asia|Afghan|the Kabul River
Uzbekistan|Tashkent|Asia|Uzbek|-
Egypt|Cairo|Africa|Egyptian|the Nile
Morocco|Rabat|Africa|Moroccan|-
Algeria|Algiers|Africa|Algerian|-
Tunisia|Tunis|Africa|Tunisian|-
Libya|Tripoli|Africa|Libyan|-
Sudan|Khartoum|Africa|Sudanese|the Nile
Ethiopia|Addis Ababa|Africa|Ethiopian|-
Kenya|Nairobi|Africa|Kenyan|-
Uganda|Kampala|Africa|Ugandan|-
Rwanda|Kigali|Africa|Rwandan|-
Ghana|Accra|Africa|Ghanaian|-
Nigeria|Abuja|Africa|Nigerian|-
Senegal|Dakar|Africa|Senegalese|-
Mali|Bamako|Africa|Malian|the Niger
Angola|Luanda|Africa|Angolan|-
Zambia|Lusaka|Africa|Zambian|-
Zimbabwe|Harare|Africa|Zimbabwean|-
Mozambique|Maputo|Africa|Mozambican|-
Madagascar|Antananarivo|Africa|Malagasy|-
Namibia|Windhoek|Africa|Namibian|-
Botswana|Gaborone|Africa|-|-
the United States|Washington|North America|American|the Potomac
Canada|Ottawa|North America|Canadian|the Ottawa River
Mexico|Mexico City|North America|Mexican|-
Cuba|Havana|North America|Cuban|-
Jamaica|Kingston|North America|Jamaican|-
Guatemala|Guatemala City|North America|Guatemalan|-
Honduras|Tegucigalpa|North America|Honduran|-
Costa Rica|San José|North America|Costa Rican|-
Panama|Panama City|North America|Panamanian|-
Colombia|Bogotá|South America|Colombian|-
Venezuela|Caracas|South America|Venezuelan|-
Ecuador|Quito|South America|Ecuadorian|-
Peru|Lima|South America|Peruvian|-
Chile|Santiago|South America|Chilean|-
Argentina|Buenos Aires|South America|Argentine|-
Uruguay|Montevideo|South America|Uruguayan|-
Paraguay|Asunción|South America|Paraguayan|-
Brazil|Brasília|South America|Brazilian|-
Australia|Canberra|Oceania|Australian|-
New Zealand|Wellington|Oceania|-|-
Fiji|Suva|Oceania|Fijian|-
""")

STATES = table("state|statehouse", """
Alabama|Montgomery
Alaska|Juneau
Arizona|Phoenix
Arkansas|Little Rock
California|Sacramento
Colorado|Denver
Connecticut|Hartford
Delaware|Dover
Florida|Tallahassee
Hawaii|Honolulu
Idaho|Boise
Illinois|Springfield
Indiana|Indianapolis
Iowa|Des Moines
Kansas|Topeka
Kentucky|Frankfort
Louisiana|Baton Rouge
Maine|Augusta
Maryland|Annapolis
Massachusetts|Boston
Michigan|Lansing
Minnesota|Saint Paul
Mississippi|Jackson
Missouri|Jefferson City
Montana|Helena
Nebraska|Lincoln
Nevada|Carson City
New Hampshire|Concord
New Jersey|Trenton
New Mexico|Santa Fe
New York State|Albany
North Carolina|Raleigh
North Dakota|Bismarck
Ohio|Columbus
Oklahoma|Oklahoma City
Oregon|Salem
Pennsylvania|Harrisburg
Rhode Island|Providence
South Carolina|Columbia
South Dakota|Pierre
Tennessee|Nashville
Texas|Austin
Utah|Salt Lake City
Vermont|Montpelier
Washington State|Olympia
West Virginia|Charleston
Wisconsin|Madison
Wyoming|Cheyenne
""")

# Cities that are not the capital of their country, and the water on which they lie.
CITIES = table("city|country|water", """
San Francisco|the United States|San Francisco Bay
Oakland|the United States|San Francisco Bay
New York|the United States|the Hudson
Los Angeles|the United States|the Pacific Ocean
San Diego|the United States|San Diego Bay
Seattle|the United States|Puget Sound
Portland|the United States|the Willamette
Chicago|the United States|Lake Michigan
Detroit|the United States|the Detroit River
Philadelphia|the United States|the Delaware
Pittsburgh|the United States|the Ohio
Cincinnati|the United States|the Ohio
Saint Louis|the United States|the Mississippi
New Orleans|the United States|the Mississippi
Memphis|the United States|the Mississippi
Boston|the United States|the Charles River
Miami|the United States|Biscayne Bay
Tampa|the United States|Tampa Bay
Dallas|the United States|the Trinity River
San Antonio|the United States|the San Antonio River
Vancouver|Canada|Burrard Inlet
Toronto|Canada|Lake Ontario
Montreal|Canada|the Saint Lawrence
Calgary|Canada|the Bow River
Halifax|Canada|the Atlantic Ocean
Rio de Janeiro|Brazil|Guanabara Bay
São Paulo|Brazil|-
Manaus|Brazil|the Rio Negro
Florianópolis|Brazil|the Atlantic Ocean
Rosario|Argentina|the Paraná
Valparaíso|Chile|the Pacific Ocean
Cusco|Peru|-
Medellín|Colombia|-
Guayaquil|Ecuador|the Guayas
Lyon|France|the Rhône
Avignon|France|the Rhône
Marseille|France|the Mediterranean Sea
Nice|France|the Mediterranean Sea
Bordeaux|France|the Garonne
Toulouse|France|the Garonne
Rouen|France|the Seine
Strasbourg|France|the Ill
Millau|France|the Tarn
Barcelona|Spain|the Mediterranean Sea
Seville|Spain|the Guadalquivir
Córdoba|Spain|the Guadalquivir
Bilbao|Spain|the Nervión
Zaragoza|Spain|the Ebro
Granada|Spain|the Genil
Ronda|Spain|the Guadalevín
Toledo|Spain|the Tagus
Porto|Portugal|the Douro
Coimbra|Portugal|the Mondego
Milan|Italy|-
Venice|Italy|the Adriatic Sea
Florence|Italy|the Arno
Pisa|Italy|the Arno
Turin|Italy|the Po
Verona|Italy|the Adige
Naples|Italy|the Tyrrhenian Sea
Bologna|Italy|the Reno
Munich|Germany|the Isar
Hamburg|Germany|the Elbe
Dresden|Germany|the Elbe
Cologne|Germany|the Rhine
Düsseldorf|Germany|the Rhine
Frankfurt|Germany|the Main
Heidelberg|Germany|the Neckar
Bremen|Germany|the Weser
Salzburg|Austria|the Salzach
Innsbruck|Austria|the Inn
Linz|Austria|the Danube
Zurich|Switzerland|Lake Zurich
Geneva|Switzerland|Lake Geneva
Lucerne|Switzerland|Lake Lucerne
Basel|Switzerland|the Rhine
Rotterdam|the Netherlands|the Maas
Delft|the Netherlands|the Schie
Antwerp|Belgium|the Scheldt
Bruges|Belgium|-
Aarhus|Denmark|-
Bergen|Norway|the North Sea
Gothenburg|Sweden|the Göta
Edinburgh|the United Kingdom|the Firth of Forth
Glasgow|the United Kingdom|the Clyde
Liverpool|the United Kingdom|the Mersey
Manchester|the United Kingdom|the Irwell
Bristol|the United Kingdom|the Avon
Newcastle|the United Kingdom|the Tyne
Oxford|the United Kingdom|the Cherwell
Cambridge|the United Kingdom|the Cam
York|the United Kingdom|the Ouse
Hull|the United Kingdom|the Humber
Cardiff|the United Kingdom|the Taff
Belfast|the United Kingdom|the Lagan
Cork|Ireland|the Lee
Limerick|Ireland|the Shannon
Kraków|Poland|the Vistula
Gdańsk|Poland|the Baltic Sea
Wrocław|Poland|the Oder
Brno|the Czech Republic|the Svratka
Dubrovnik|Croatia|the Adriatic Sea
Split|Croatia|the Adriatic Sea
Mostar|Bosnia and Herzegovina|the Neretva
Thessaloniki|Greece|the Aegean Sea
Saint Petersburg|Russia|the Neva
Odesa|Ukraine|the Black Sea
Istanbul|Turkey|the Bosphorus
Izmir|Turkey|the Aegean Sea
Alexandria|Egypt|the Mediterranean Sea
Giza|Egypt|the Nile
Luxor|Egypt|the Nile
Casablanca|Morocco|the Atlantic Ocean
Marrakesh|Morocco|-
Timbuktu|Mali|-
Lagos|Nigeria|the Gulf of Guinea
Mombasa|Kenya|the Indian Ocean
Cape Town|South Africa|Table Bay
Johannesburg|South Africa|-
Durban|South Africa|the Indian Ocean
Mumbai|India|the Arabian Sea
Kolkata|India|the Hooghly
Agra|India|the Yamuna
Varanasi|India|the Ganges
Hyderabad|India|the Musi
Chennai|India|the Bay of Bengal
Jaipur|India|-
Amritsar|India|-
Lahore|Pakistan|the Ravi
Karachi|Pakistan|the Arabian Sea
Shanghai|China|the Huangpu
Wuhan|China|the Yangtze
Guangzhou|China|the Pearl River
Hong Kong|China|the South China Sea
Kyoto|Japan|the Kamo
Osaka|Japan|Osaka Bay
Kobe|Japan|Osaka Bay
Hiroshima|Japan|the Ota
Nagasaki|Japan|-
Busan|South Korea|-
Da Nang|Vietnam|the Han River
Yangon|Myanmar|the Yangon River
Mandalay|Myanmar|the Irrawaddy
Dubai|the United Arab Emirates|the Persian Gulf
Isfahan|Iran|the Zayanderud
Basra|Iraq|the Shatt al-Arab
Sydney|Australia|Sydney Harbour
Melbourne|Australia|the Yarra
Brisbane|Australia|the Brisbane River
Perth|Australia|the Swan River
Auckland|New Zealand|Waitemata Harbour
Christchurch|New Zealand|the Avon
""")

# Places around San Francisco Bay: county, part of the Bay Area.
BAY_PLACES = table("place|county|side", """
Sausalito|Marin County|the North Bay
Tiburon|Marin County|the North Bay
Mill Valley|Marin County|the North Bay
San Rafael|Marin County|the North Bay
Larkspur|Marin County|the North Bay
Novato|Marin County|the North Bay
Stinson Beach|Marin County|the North Bay
Napa|Napa County|the North Bay
Calistoga|Napa County|the North Bay
Sonoma|Sonoma County|the North Bay
Santa Rosa|Sonoma County|the North Bay
Petaluma|Sonoma County|the North Bay
Vallejo|Solano County|the North Bay
Benicia|Solano County|the North Bay
Oakland|Alameda County|the East Bay
Berkeley|Alameda County|the East Bay
Emeryville|Alameda County|the East Bay
Alameda|Alameda County|the East Bay
Hayward|Alameda County|the East Bay
Fremont|Alameda County|the East Bay
San Leandro|Alameda County|the East Bay
Richmond|Contra Costa County|the East Bay
Walnut Creek|Contra Costa County|the East Bay
Martinez|Contra Costa County|the East Bay
Antioch|Contra Costa County|the East Bay
El Cerrito|Contra Costa County|the East Bay
Crockett|Contra Costa County|the East Bay
Daly City|San Mateo County|the Peninsula
San Mateo|San Mateo County|the Peninsula
Burlingame|San Mateo County|the Peninsula
Foster City|San Mateo County|the Peninsula
Redwood City|San Mateo County|the Peninsula
Menlo Park|San Mateo County|the Peninsula
Pacifica|San Mateo County|the Peninsula
Half Moon Bay|San Mateo County|-
San Jose|Santa Clara County|the South Bay
Sunnyvale|Santa Clara County|the South Bay
Santa Clara|Santa Clara County|the South Bay
Cupertino|Santa Clara County|the South Bay
Los Gatos|Santa Clara County|the South Bay
Palo Alto|Santa Clara County|-
Mountain View|Santa Clara County|-
""")

# From one shore to another and the bridge by which one crosses, around the Bay and elsewhere.
CROSSINGS = table("here|there|bridge", """
Marin|San Francisco|the Golden Gate Bridge
Sausalito|San Francisco|the Golden Gate Bridge
Tiburon|San Francisco|the Golden Gate Bridge
Mill Valley|San Francisco|the Golden Gate Bridge
Oakland|San Francisco|the Bay Bridge
Berkeley|San Francisco|the Bay Bridge
Emeryville|San Francisco|the Bay Bridge
Richmond|San Rafael|the Richmond–San Rafael Bridge
Richmond|Marin|the Richmond–San Rafael Bridge
Hayward|San Mateo|the San Mateo Bridge
Hayward|Foster City|the San Mateo Bridge
Fremont|Menlo Park|the Dumbarton Bridge
Fremont|Palo Alto|the Dumbarton Bridge
Vallejo|Crockett|the Carquinez Bridge
Benicia|Martinez|the Benicia–Martinez Bridge
Brooklyn|Manhattan|the Brooklyn Bridge
Fort Lee|Manhattan|the George Washington Bridge
Staten Island|Brooklyn|the Verrazzano Bridge
Detroit|Windsor|the Ambassador Bridge
San Diego|Coronado|the Coronado Bridge
Vancouver|West Vancouver|the Lions Gate Bridge
Copenhagen|Malmö|the Øresund Bridge
Lisbon|Almada|the 25 de Abril Bridge
Philadelphia|Camden|the Benjamin Franklin Bridge
Cincinnati|Covington|the Roebling Bridge
Kolkata|Howrah|the Howrah Bridge
Newcastle|Gateshead|the Tyne Bridge
""")

BRIDGES = table("bridge|city|water|kind|year", """
the Golden Gate Bridge|San Francisco|the Golden Gate|suspension|1937
the Bay Bridge|Oakland|San Francisco Bay|-|1936
the Richmond–San Rafael Bridge|Richmond|San Francisco Bay|cantilever|1956
the San Mateo Bridge|Hayward|San Francisco Bay|girder|1967
the Dumbarton Bridge|Fremont|San Francisco Bay|girder|1982
the Carquinez Bridge|Vallejo|the Carquinez Strait|-|-
the Benicia–Martinez Bridge|Benicia|the Carquinez Strait|-|1962
the Bixby Bridge|Big Sur|Bixby Creek|arch|1932
the Vincent Thomas Bridge|Los Angeles|Los Angeles Harbor|suspension|1963
the Coronado Bridge|San Diego|San Diego Bay|girder|1969
the Brooklyn Bridge|New York|the East River|suspension|1883
the Manhattan Bridge|New York|the East River|suspension|1909
the George Washington Bridge|New York|the Hudson|suspension|1931
the Verrazzano Bridge|New York|the Narrows|suspension|1964
the Benjamin Franklin Bridge|Philadelphia|the Delaware|suspension|1926
the Eads Bridge|Saint Louis|the Mississippi|arch|1874
the Roebling Bridge|Cincinnati|the Ohio|suspension|-
the Ambassador Bridge|Detroit|the Detroit River|suspension|1929
the Mackinac Bridge|Mackinaw City|the Straits of Mackinac|suspension|1957
the Skyway Bridge|Tampa|Tampa Bay|cable-stayed|1987
the Hawthorne Bridge|Portland|the Willamette|-|1910
the Lions Gate Bridge|Vancouver|Burrard Inlet|suspension|1938
the Jacques Cartier Bridge|Montreal|the Saint Lawrence|cantilever|1930
the Hercílio Luz Bridge|Florianópolis|-|suspension|1926
Tower Bridge|London|the Thames|bascule|1894
London Bridge|London|the Thames|-|1973
Westminster Bridge|London|the Thames|arch|1862
Waterloo Bridge|London|the Thames|-|-
the Millennium Bridge|London|the Thames|suspension|2000
the Forth Bridge|Edinburgh|the Firth of Forth|cantilever|1890
the Humber Bridge|Hull|the Humber|suspension|1981
the Clifton Suspension Bridge|Bristol|the Avon|suspension|1864
the Tyne Bridge|Newcastle|the Tyne|arch|1928
the Iron Bridge|Ironbridge|the Severn|arch|1781
the Samuel Beckett Bridge|Dublin|the Liffey|cable-stayed|2009
the Pont Neuf|Paris|the Seine|stone|1607
the Pont Alexandre III|Paris|the Seine|arch|1900
the Millau Viaduct|Millau|the Tarn|cable-stayed|2004
the Pont d'Avignon|Avignon|the Rhône|stone|-
the 25 de Abril Bridge|Lisbon|the Tagus|suspension|1966
the Vasco da Gama Bridge|Lisbon|the Tagus|cable-stayed|1998
the Dom Luís Bridge|Porto|the Douro|arch|1886
the Triana Bridge|Seville|the Guadalquivir|arch|1852
the Puente Nuevo|Ronda|the Guadalevín|stone|1793
the Roman Bridge|Córdoba|the Guadalquivir|stone|-
the Rialto Bridge|Venice|the Grand Canal|stone|1591
the Bridge of Sighs|Venice|the Rio di Palazzo|stone|-
the Ponte Vecchio|Florence|the Arno|stone|1345
the Ponte Sant'Angelo|Rome|the Tiber|stone|-
the Hohenzollern Bridge|Cologne|the Rhine|arch|1911
the Augustus Bridge|Dresden|the Elbe|-|-
the Oberbaum Bridge|Berlin|the Spree|-|-
the Chapel Bridge|Lucerne|the Reuss|wooden|-
the Erasmus Bridge|Rotterdam|the Maas|cable-stayed|1996
the Magere Brug|Amsterdam|the Amstel|-|-
the Øresund Bridge|Copenhagen|the Øresund|cable-stayed|2000
the Charles Bridge|Prague|the Vltava|stone|-
the Chain Bridge|Budapest|the Danube|suspension|1849
the Liberty Bridge|Budapest|the Danube|cantilever|1896
the Dragon Bridge|Ljubljana|the Ljubljanica|arch|1901
the Old Bridge|Mostar|the Neretva|stone|-
the Latin Bridge|Sarajevo|the Miljacka|stone|-
the Stone Bridge|Skopje|the Vardar|stone|-
the Palace Bridge|Saint Petersburg|the Neva|bascule|1916
the Galata Bridge|Istanbul|the Golden Horn|-|-
the Bosphorus Bridge|Istanbul|the Bosphorus|suspension|1973
the Howrah Bridge|Kolkata|the Hooghly|cantilever|1943
the Khaju Bridge|Isfahan|the Zayanderud|stone|-
the Akashi Bridge|Kobe|the Akashi Strait|suspension|1998
the Rainbow Bridge|Tokyo|Tokyo Bay|suspension|1993
the Tsing Ma Bridge|Hong Kong|the Ma Wan Channel|suspension|1997
the Helix Bridge|Singapore|Marina Bay|-|2010
the Sydney Harbour Bridge|Sydney|Sydney Harbour|arch|1932
the Story Bridge|Brisbane|the Brisbane River|cantilever|1940
the Auckland Harbour Bridge|Auckland|Waitemata Harbour|-|1959
the Victoria Falls Bridge|Livingstone|the Zambezi|arch|1905
""")

LANDMARKS = table("landmark|city|kind", """
Alcatraz|San Francisco|island
Coit Tower|San Francisco|tower
Lombard Street|San Francisco|street
Fisherman's Wharf|San Francisco|wharf
Golden Gate Park|San Francisco|park
the Ferry Building|San Francisco|building
the Palace of Fine Arts|San Francisco|palace
the Transamerica Pyramid|San Francisco|building
Ocean Beach|San Francisco|beach
Lake Merritt|Oakland|lake
Sather Tower|Berkeley|tower
the Winchester House|San Jose|house
the Hollywood Sign|Los Angeles|sign
the Space Needle|Seattle|tower
the Statue of Liberty|New York|statue
the Empire State Building|New York|building
Central Park|New York|park
Times Square|New York|square
Grand Central Terminal|New York|station
the White House|Washington|house
the Lincoln Memorial|Washington|memorial
the Liberty Bell|Philadelphia|bell
the Gateway Arch|Saint Louis|arch
the Alamo|San Antonio|fort
the Willis Tower|Chicago|building
the French Quarter|New Orleans|quarter
the Freedom Trail|Boston|trail
the CN Tower|Toronto|tower
Stanley Park|Vancouver|park
Christ the Redeemer|Rio de Janeiro|statue
Sugarloaf Mountain|Rio de Janeiro|mountain
the Obelisk|Buenos Aires|monument
the Zócalo|Mexico City|square
the Eiffel Tower|Paris|tower
the Louvre|Paris|museum
the Arc de Triomphe|Paris|arch
Notre-Dame|Paris|cathedral
Big Ben|London|clock tower
Buckingham Palace|London|palace
the British Museum|London|museum
Trafalgar Square|London|square
Edinburgh Castle|Edinburgh|castle
the Colosseum|Rome|arena
the Trevi Fountain|Rome|fountain
the Pantheon|Rome|temple
the Uffizi|Florence|museum
Saint Mark's Square|Venice|square
the Doge's Palace|Venice|palace
the Leaning Tower|Pisa|tower
La Scala|Milan|opera house
the Brandenburg Gate|Berlin|gate
the Reichstag|Berlin|building
Cologne Cathedral|Cologne|cathedral
the Zwinger|Dresden|palace
the Hofburg|Vienna|palace
Schönbrunn Palace|Vienna|palace
Prague Castle|Prague|castle
Wawel Castle|Kraków|castle
the Parthenon|Athens|temple
the Acropolis|Athens|hill
the Alhambra|Granada|palace
the Sagrada Família|Barcelona|church
Park Güell|Barcelona|park
the Prado|Madrid|museum
Belém Tower|Lisbon|tower
the Atomium|Brussels|building
the Rijksmuseum|Amsterdam|museum
the Little Mermaid|Copenhagen|statue
the Hermitage|Saint Petersburg|museum
the Kremlin|Moscow|fort
Red Square|Moscow|square
Hagia Sophia|Istanbul|mosque
the Blue Mosque|Istanbul|mosque
Topkapi Palace|Istanbul|palace
the Western Wall|Jerusalem|wall
the Great Sphinx|Giza|statue
the Egyptian Museum|Cairo|museum
Table Mountain|Cape Town|mountain
the Burj Khalifa|Dubai|building
the Taj Mahal|Agra|tomb
the Gateway of India|Mumbai|arch
the Charminar|Hyderabad|mosque
the Golden Temple|Amritsar|temple
the Grand Palace|Bangkok|palace
the Petronas Towers|Kuala Lumpur|-
Angkor Wat|Siem Reap|temple
the Forbidden City|Beijing|palace
the Temple of Heaven|Beijing|temple
the Bund|Shanghai|-
Tokyo Tower|Tokyo|tower
the Golden Pavilion|Kyoto|temple
Osaka Castle|Osaka|castle
the Merlion|Singapore|statue
the Sydney Opera House|Sydney|opera house
Bondi Beach|Sydney|beach
the Sky Tower|Auckland|tower
""")

NATURE = table("place|kind|land", """
Mount Fuji|mountain|Japan
Mont Blanc|mountain|France
the Matterhorn|mountain|Switzerland
Mount Etna|volcano|Italy
Mount Vesuvius|volcano|Italy
Mount Kilimanjaro|mountain|Tanzania
Mount Kenya|mountain|Kenya
Mount Elbrus|mountain|Russia
Mount Ararat|mountain|Turkey
Mount Olympus|mountain|Greece
Ben Nevis|mountain|Scotland
Mount Cook|mountain|New Zealand
Aconcagua|mountain|Argentina
Cotopaxi|volcano|Ecuador
Popocatépetl|volcano|Mexico
Denali|mountain|Alaska
Mauna Kea|volcano|Hawaii
Mount Rainier|mountain|Washington State
Mount Hood|mountain|Oregon
Mount Shasta|mountain|California
Mount Whitney|mountain|California
Mount Tamalpais|mountain|California
Mount Diablo|mountain|California
Half Dome|rock|California
Lake Tahoe|lake|-
Lake Baikal|lake|Russia
Lake Como|lake|Italy
Lake Garda|lake|Italy
Lake Balaton|lake|Hungary
Lake Bled|lake|Slovenia
Loch Ness|lake|Scotland
Crater Lake|lake|Oregon
Lake Biwa|lake|Japan
Death Valley|desert|California
Yosemite Valley|valley|California
Napa Valley|valley|California
Point Reyes|cape|California
Big Sur|coast|California
the Grand Canyon|canyon|Arizona
Monument Valley|valley|-
Old Faithful|geyser|Wyoming
the Everglades|wetland|Florida
Uluru|rock|Australia
the Great Barrier Reef|reef|Australia
the Gobi Desert|desert|-
the Atacama Desert|desert|Chile
Crete|island|Greece
Sicily|island|Italy
Sardinia|island|Italy
Corsica|island|France
Majorca|island|Spain
Bali|island|Indonesia
Zanzibar|island|Tanzania
Tasmania|island|Australia
Hokkaido|island|Japan
Stonehenge|stone circle|England
Machu Picchu|ruin|Peru
Petra|ruin|Jordan
Pompeii|ruin|Italy
the Great Wall|wall|China
Chichén Itzá|ruin|Mexico
""")

RIVERS = table("river|mouth|passes", """
the Seine|the English Channel|Paris
the Thames|the North Sea|London
the Rhine|the North Sea|Cologne
the Elbe|the North Sea|Hamburg
the Danube|the Black Sea|Vienna
the Rhône|the Mediterranean Sea|Lyon
the Ebro|the Mediterranean Sea|Zaragoza
the Nile|the Mediterranean Sea|Cairo
the Tiber|the Tyrrhenian Sea|Rome
the Arno|the Tyrrhenian Sea|Florence
the Po|the Adriatic Sea|Turin
the Adige|the Adriatic Sea|Verona
the Neretva|the Adriatic Sea|Mostar
the Vistula|the Baltic Sea|Warsaw
the Oder|the Baltic Sea|Wrocław
the Neva|the Gulf of Finland|Saint Petersburg
the Volga|the Caspian Sea|Volgograd
the Dnieper|the Black Sea|Kyiv
the Tagus|the Atlantic Ocean|Lisbon
the Douro|the Atlantic Ocean|Porto
the Guadalquivir|the Atlantic Ocean|Seville
the Loire|the Atlantic Ocean|Nantes
the Shannon|the Atlantic Ocean|Limerick
the Vltava|the Elbe|Prague
the Isar|the Danube|Munich
the Inn|the Danube|Innsbruck
the Main|the Rhine|Frankfurt
the Neckar|the Rhine|Heidelberg
the Spree|the Havel|Berlin
the Liffey|the Irish Sea|Dublin
the Mersey|the Irish Sea|Liverpool
the Tyne|the North Sea|Newcastle
the Hudson|the Atlantic Ocean|New York
the Potomac|Chesapeake Bay|Washington
the Mississippi|the Gulf of Mexico|New Orleans
the Rio Grande|the Gulf of Mexico|El Paso
the Missouri|the Mississippi|Kansas City
the Ohio|the Mississippi|Cincinnati
the Willamette|the Columbia|Portland
the Columbia|the Pacific Ocean|-
the Sacramento|San Francisco Bay|Sacramento
the Saint Lawrence|the Atlantic Ocean|Montreal
the Amazon|the Atlantic Ocean|-
the Niger|the Gulf of Guinea|Bamako
the Congo|the Atlantic Ocean|Kinshasa
the Zambezi|the Indian Ocean|-
the Ganges|the Bay of Bengal|Varanasi
the Indus|the Arabian Sea|-
the Yamuna|the Ganges|Agra
the Mekong|the South China Sea|Phnom Penh
the Yangtze|the East China Sea|Wuhan
the Irrawaddy|the Andaman Sea|Mandalay
the Tigris|the Shatt al-Arab|Baghdad
""")

# Painters, one of their subjects, and where that subject is.
PAINTERS = table("painter|people|subject", """
Claude Monet|French|Rouen Cathedral
Camille Pissarro|French|the Pont Neuf
Paul Cézanne|French|Mont Sainte-Victoire
Canaletto|Italian|the Grand Canal
Francesco Guardi|Italian|the Rialto Bridge
Bernardo Bellotto|Italian|Warsaw
El Greco|-|Toledo
Johannes Vermeer|Dutch|Delft
Vincent van Gogh|Dutch|the Langlois Bridge
John Constable|English|Salisbury Cathedral
James Whistler|American|Battersea Bridge
Hokusai|Japanese|Mount Fuji
Frederic Church|American|Niagara Falls
Albert Bierstadt|American|Yosemite Valley
Thomas Moran|American|Yellowstone
Georges Seurat|French|the Eiffel Tower
Joseph Stella|American|the Brooklyn Bridge
Georgia O'Keeffe|American|New Mexico
Edvard Munch|Norwegian|Oslo
Raoul Dufy|French|Nice
Robert Delaunay|French|the Eiffel Tower
Paul Signac|French|Saint-Tropez
Oskar Kokoschka|Austrian|Prague
Egon Schiele|Austrian|Krumau
Paul Gauguin|French|Tahiti
""")

# Journeys of real people.
VISITS = table("person|place|she", """
Marco Polo|China|he
Ibn Battuta|Timbuktu|he
Charles Darwin|the Galápagos|he
Captain Cook|Tahiti|he
Mark Twain|Jerusalem|he
Robert Louis Stevenson|Samoa|he
Alexis de Tocqueville|America|he
Johann Wolfgang von Goethe|Italy|he
Felix Mendelssohn|Scotland|he
Oscar Wilde|San Francisco|he
Roald Amundsen|the South Pole|he
Robert Peary|Greenland|he
David Livingstone|Victoria Falls|he
Alexander von Humboldt|South America|he
Francis Drake|California|he
Vitus Bering|Alaska|he
Hernán Cortés|Mexico|he
Francisco Pizarro|Peru|he
Abel Tasman|Tasmania|he
Leif Erikson|Vinland|he
Antonín Dvořák|Iowa|he
Edmund Hillary|Mount Everest|he
Neil Armstrong|the Moon|he
Gertrude Bell|Baghdad|she
Isabella Bird|Japan|she
Karen Blixen|Kenya|she
Mary Kingsley|Gabon|she
Nellie Bly|Hong Kong|she
Paul Gauguin|Tahiti|he
John Muir|Yosemite|he
""")

BIRTHS = table("person|town|work|she", """
Wolfgang Amadeus Mozart|Salzburg|composer|he
Ludwig van Beethoven|Bonn|composer|he
Johann Sebastian Bach|Eisenach|composer|he
Franz Schubert|Vienna|composer|he
Johannes Brahms|Hamburg|composer|he
Antonio Vivaldi|Venice|composer|he
Giacomo Puccini|Lucca|composer|he
Edvard Grieg|Bergen|composer|he
Claude Debussy|Saint-Germain|composer|he
Marie Curie|Warsaw|scientist|she
Albert Einstein|Ulm|scientist|he
Charles Darwin|Shrewsbury|scientist|he
Galileo|Pisa|scientist|he
Max Planck|Kiel|scientist|he
Enrico Fermi|Rome|scientist|he
Leonhard Euler|Basel|mathematician|he
Emmy Noether|Erlangen|mathematician|she
Ada Lovelace|London|mathematician|she
Alan Turing|London|mathematician|he
Carl Friedrich Gauss|Braunschweig|mathematician|he
Sofya Kovalevskaya|Moscow|mathematician|she
William Shakespeare|Stratford|writer|he
Jane Austen|Steventon|writer|she
James Joyce|Dublin|writer|he
Franz Kafka|Prague|writer|he
Jack London|San Francisco|writer|he
Robert Frost|San Francisco|writer|he
Gabriela Mistral|Vicuña|writer|she
Virginia Woolf|London|writer|she
Victor Hugo|Besançon|writer|he
Dante|Florence|writer|he
Hans Christian Andersen|Odense|writer|he
Jorge Luis Borges|Buenos Aires|writer|he
Rembrandt|Leiden|painter|he
Pablo Picasso|Málaga|painter|he
Claude Monet|Paris|painter|he
Frida Kahlo|Mexico City|painter|she
Raphael|Urbino|painter|he
Albrecht Dürer|Nuremberg|painter|he
Isadora Duncan|San Francisco|dancer|she
Anna Pavlova|Saint Petersburg|dancer|she
""")

# The first place lies to the given side of the second.
DIRECTIONS = table("here|way|back|there", """
Marin|north|south|San Francisco
Sausalito|north|south|San Francisco
Napa|north|south|Vallejo
Oakland|east|west|San Francisco
Berkeley|north|south|Oakland
Richmond|north|south|Berkeley
Walnut Creek|east|west|Berkeley
Daly City|south|north|San Francisco
Santa Cruz|south|north|San Jose
Monterey|south|north|Santa Cruz
Los Angeles|south|north|San Francisco
San Diego|south|north|Los Angeles
Sacramento|north|south|Stockton
Portland|south|north|Seattle
Vancouver|north|south|Seattle
Milwaukee|north|south|Chicago
Detroit|east|west|Chicago
Houston|south|north|Dallas
Denver|west|east|Kansas City
Montreal|north|south|Albany
Naples|south|north|Rome
Florence|north|south|Rome
Milan|north|south|Genoa
Turin|west|east|Milan
Venice|east|west|Verona
Rouen|north|south|Chartres
Lyon|north|south|Marseille
Nice|east|west|Marseille
Toulouse|south|north|Limoges
Munich|south|north|Nuremberg
Hamburg|north|south|Hanover
Dresden|south|north|Berlin
Cologne|south|north|Düsseldorf
Vienna|west|east|Bratislava
Budapest|east|west|Vienna
Prague|north|south|Linz
Kraków|south|north|Warsaw
Gdańsk|north|south|Warsaw
Porto|north|south|Lisbon
Seville|south|north|Mérida
Toledo|south|north|Madrid
Zaragoza|west|east|Barcelona
Edinburgh|east|west|Glasgow
Liverpool|west|east|Manchester
Oxford|west|east|London
Belfast|north|south|Dublin
Cork|south|north|Limerick
Bergen|west|east|Oslo
Helsinki|south|north|Tampere
Alexandria|north|south|Cairo
Luxor|south|north|Cairo
Casablanca|west|east|Rabat
Agra|south|north|Delhi
Osaka|west|east|Nara
Hiroshima|west|east|Kobe
Melbourne|south|north|Bendigo
Brisbane|north|south|Sydney
""")

# No word stands in two rows: each has one opposite here.
OPPOSITES = table("word|opposite", """
north|south
east|west
left|right
up|down
in|out
hot|cold
warm|cool
big|small
tall|short
high|low
fast|slow
open|closed
old|new
light|dark
day|night
black|white
wet|dry
full|empty
rich|poor
strong|weak
hard|soft
early|late
first|last
good|bad
happy|sad
loud|quiet
near|far
deep|shallow
wide|narrow
thick|thin
long|brief
true|false
start|end
push|pull
buy|sell
win|lose
love|hate
friend|enemy
summer|winter
spring|autumn
inside|outside
above|below
front|back
top|bottom
clean|dirty
rough|smooth
sharp|blunt
sweet|bitter
easy|difficult
cheap|expensive
brave|afraid
awake|asleep
alive|dead
always|never
everything|nothing
question|answer
arrive|leave
float|sink
laugh|cry
""")

NUMBERS = ("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
           "fifteen sixteen seventeen eighteen nineteen twenty").split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = ("January February March April May June July August September October November "
          "December").split()
SUCCESSORS = [
    {"series": series, "this": this, "next": following}
    for series, names, cyclic in (("number", NUMBERS, False), ("day", DAYS, True), ("month", MONTHS, True))
    for this, following in zip(names, names[1:] + names[:1] if cyclic else names[1:])
]

COLOURS = table("thing|colour", """
the Golden Gate Bridge|orange
the sky|blue
the sea|blue
grass|green
a leaf|green
snow|white
milk|white
chalk|white
coal|black
a raven|black
the night|black
blood|red
a tomato|red
a strawberry|red
a lemon|yellow
a banana|yellow
an egg yolk|yellow
a carrot|orange
a pumpkin|orange
an orange|orange
chocolate|brown
a chestnut|brown
an elephant|grey
ash|grey
a flamingo|pink
a plum|purple
""")

YOUNG = table("animal|young|sound", """
dog|puppy|barks
cat|kitten|meows
cow|calf|moos
horse|foal|neighs
sheep|lamb|bleats
pig|piglet|grunts
duck|duckling|quacks
goose|gosling|honks
lion|cub|roars
frog|tadpole|croaks
owl|owlet|hoots
goat|kid|-
swan|cygnet|-
hen|chick|clucks
kangaroo|joey|-
deer|fawn|-
""")
