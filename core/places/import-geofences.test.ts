import { describe, expect, test } from '@jest/globals';
import type { LprError } from '../errors.ts';
import { DEFAULT_RULES, type Geofence, type GeofenceImport, type GeofenceShape } from './geofences.ts';
import { readFeatures, toGeojson } from './import-geofences.ts';

const file = (content: string, more: Partial<GeofenceImport> = {}): GeofenceImport => ({
  ...{ format: null, content, name: 'Zone', colour: '#0e6a6a', rules: DEFAULT_RULES, radius: 200, width: 50, ...more },
});
const read = (content: string, more: Partial<GeofenceImport> = {}): ReturnType<typeof readFeatures> =>
  readFeatures(file(content, more));
const json = (value: unknown): string => JSON.stringify(value);
const ring = [
  [100, 13],
  [101, 13],
  [101, 14],
  [100, 13],
];
const refused = (content: string): string => {
  try {
    read(content);
  } catch (error) {
    return (error as LprError).message;
  }
  return 'was taken';
};
const placemark = (inner: string): string => `<Placemark>${inner}</Placemark>`;
const kmlOf = (inner: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document>${inner}</Document></kml>`;
const kmlRing = '<LinearRing><coordinates>100,13,0 101,13,0 101,14,0 100,13,0</coordinates></LinearRing>';

describe('GeoJSON', () => {
  test('shapes that gather shapes that gather shapes are refused, however deep', () => {
    const depth = 50_000;
    const nested = `${'{"type":"GeometryCollection","geometries":['.repeat(depth)}${']}'.repeat(depth)}`;
    expect(read(nested).features[0]?.problems).toEqual([
      { field: 'features.1', problem: 'gathers shapes that gather shapes: make each a feature of its own' },
    ]);
  });

  test('features, a feature, a bare geometry; names, colours and sizes from the properties', () => {
    const features = [
      {
        type: 'Feature',
        properties: { name: 'ท่าเรือ', fill: '#FF8800', notes: 'north' },
        geometry: { type: 'Polygon', coordinates: [ring] },
      },
      { type: 'Feature', properties: { radius: 75 }, geometry: { type: 'Point', coordinates: [100, 13, 5] } },
      { type: 'Feature', properties: null, geometry: { type: 'LineString', coordinates: ring } },
      { type: 'Feature', properties: {}, geometry: { type: 'MultiPolygon', coordinates: [[ring], [ring]] } },
    ];
    const { format, features: made } = read(json({ type: 'FeatureCollection', features }));
    expect(format).toBe('geojson');
    expect(made.map(({ name, colour, notes }) => [name, colour, notes])).toEqual([
      ['ท่าเรือ', '#ff8800', 'north'],
      ['Zone 2', null, ''],
      ['Zone 3', null, ''],
      ['Zone 4', null, ''],
    ]);
    expect(made.map(({ shape }) => shape)).toEqual([
      { kind: 'polygon', polygons: [[ring]] },
      { kind: 'circle', centre: [100, 13], radius: 75 },
      { kind: 'corridor', line: ring, width: 50 },
      { kind: 'polygon', polygons: [[ring], [ring]] },
    ]);
    expect(read(json(features[0])).features).toHaveLength(1);
    expect(read(json({ type: 'Polygon', coordinates: [ring] })).features[0]).toMatchObject({
      name: 'Zone 1',
      problems: [],
    });
  });

  test('what no geofence can be made of is told by its feature', () => {
    const features = [
      { type: 'Feature', properties: {}, geometry: null },
      { type: 'Feature', properties: {}, geometry: { type: 'MultiPoint', coordinates: [[1, 2]] } },
      { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [[['a', 2]]] } },
      { type: 'Feature', properties: {}, geometry: { type: 'Polygon', coordinates: [ring] } },
      'nonsense',
    ];
    const { features: made } = read(json({ type: 'FeatureCollection', features }));
    expect(made.map(({ problems }) => problems.map(({ field, problem }) => `${field} ${problem}`).join())).toEqual([
      'features.1 has no geometry',
      'features.2 is a MultiPoint, which no geofence can be made of',
      'features.3 has coordinates that are no places',
      '',
      'features.5 has no geometry',
    ]);
  });

  test('features of the same name are numbered', () => {
    const feature = {
      type: 'Feature',
      properties: { name: 'Area' },
      geometry: { type: 'Polygon', coordinates: [ring] },
    };
    const { features } = read(json({ type: 'FeatureCollection', features: [feature, feature, feature] }));
    expect(features.map(({ name }) => name)).toEqual(['Area', 'Area (2)', 'Area (3)']);
  });

  test('what is written out is read again', () => {
    const shapes: GeofenceShape[] = [
      { kind: 'polygon', polygons: [[ring as [number, number][]]] },
      { kind: 'circle', centre: [100, 13], radius: 75 },
      { kind: 'corridor', line: ring as [number, number][], width: 12 },
      { kind: 'cameras', cameraIds: ['c1'], zoneIds: [], checkpointIds: ['p1'] },
    ];
    const fences = shapes.map((shape, index): Geofence => ({
      ...{ geofenceId: `g${index}`, name: `Fence ${index}`, colour: '#112233', notes: 'n', enabled: true, shape },
      ...{
        rules: DEFAULT_RULES,
        bounds: null,
        area: null,
        cameraIds: [],
        createdAt: new Date(),
        updatedAt: new Date(),
      },
    }));
    const { features } = read(json(toGeojson(fences)));
    expect(features.map(({ shape }) => shape)).toEqual(shapes);
    expect(features.map(({ name, colour, notes }) => ({ name, colour, notes }))).toEqual(
      fences.map(({ name, colour, notes }) => ({ name, colour, notes })),
    );
  });

  test.each([
    ['{"type":', 'is no JSON'],
    ['{"type":"FeatureCollection","features":{}}', 'without a list of features'],
    ['{"type":"FeatureCollection","features":[]}', 'has no features'],
    ['[1]', 'is no GeoJSON object'],
    [
      json({ type: 'Feature', crs: { type: 'name', properties: { name: 'urn:ogc:def:crs:EPSG::32647' } } }),
      'EPSG::32647: export it in WGS 84',
    ],
    ['hello', 'is neither GeoJSON nor KML nor WKT'],
    [
      json({ type: 'FeatureCollection', features: Array.from({ length: 2_001 }, () => ({})) }),
      'has 2,001 features, more than 2,000',
    ],
  ])('%s', (content, problem) => {
    expect(refused(content)).toContain(problem);
  });
});

describe('KML', () => {
  test('placemarks in folders, styles, holes, several geometries', () => {
    const { format, features } = read(
      kmlOf(
        `<Style id="s"><PolyStyle><color>7f0000ff</color></PolyStyle></Style><Folder>${placemark(
          `<name>Area</name><styleUrl>#s</styleUrl><Polygon><outerBoundaryIs>${kmlRing}</outerBoundaryIs></Polygon>`,
        )}${placemark('<name>Road</name><LineString><coordinates>100,13 101,14</coordinates></LineString>')}${placemark(
          `<name>Both</name><MultiGeometry><Polygon><outerBoundaryIs>${kmlRing}</outerBoundaryIs></Polygon><Polygon><outerBoundaryIs>${kmlRing}</outerBoundaryIs></Polygon></MultiGeometry>`,
        )}${placemark('<name>Empty</name>')}</Folder>`,
      ),
    );
    expect(format).toBe('kml');
    expect(features.map(({ name, colour, shape }) => [name, colour, shape?.kind])).toEqual([
      ['Area', '#ff0000', 'polygon'],
      ['Road', null, 'corridor'],
      ['Both', null, 'polygon'],
      ['Empty', null, undefined],
    ]);
    expect(features[3]?.problems).toEqual([{ field: 'features.4', problem: 'has no geometry' }]);
  });

  test.each([
    [
      'entities',
      '<?xml version="1.0"?><!DOCTYPE kml [<!ENTITY a SYSTEM "file:///etc/passwd">]><kml><Placemark><name>&a;</name></Placemark></kml>',
      'has a DOCTYPE',
    ],
    ['an entity nobody knows', kmlOf(placemark('<name>&boom;</name>')), 'is no KML'],
    ['half a file', '<kml><Placemark>', 'is no KML'],
    [
      'a network link alone',
      kmlOf('<NetworkLink><Link><href>http://elsewhere/</href></Link></NetworkLink>'),
      'has no placemark',
    ],
    [
      'very deep',
      `<kml>${'<Folder>'.repeat(150_000)}${'</Folder>'.repeat(150_000)}</kml>`,
      'more than 100,000 elements',
    ],
  ])('%s is refused', (_what, content, problem) => {
    expect(refused(content)).toContain(problem);
  });
});

describe('WKT', () => {
  test('one geometry over several lines, or one a line, with or without its system', () => {
    expect(read('POLYGON ((100 13,\n 101 13, 101 14,\n 100 13))').features.map(({ shape }) => shape)).toEqual([
      { kind: 'polygon', polygons: [[ring]] },
    ]);
    const { format, features } = read(
      'SRID=4326;point (100 13)\nLINESTRING(100 13,101 14);\nMULTIPOLYGON(((100 13,101 13,101 14,100 13)))\n',
    );
    expect([format, ...features.map(({ shape }) => shape?.kind)]).toEqual(['wkt', 'circle', 'corridor', 'polygon']);
  });

  test('what is wrong is told by its line', () => {
    const { features } = read('POINT(100 13)\nPOLYGON((1 2\nSRID=32647;POINT(1 2)\nPOLYGON EMPTY');
    expect(features.map(({ problems }) => problems[0]?.problem ?? '')).toEqual([
      '',
      expect.stringContaining('is no WKT'),
      expect.stringContaining('system EPSG:32647'),
      '',
    ]);
  });

  test('one that would keep the parser busy for minutes is not begun', () => {
    const points = Array.from({ length: 60_000 }, (_, i) => `${100 + i / 1e6} 13`).join(',');
    expect(read(`POLYGON((${points.slice(0, 900_000)}))`).features[0]?.problems[0]?.problem).toContain(
      'more than 5,000 points',
    );
    expect(refused(`POLYGON((${points}${points}))`)).toContain('longer than 1,000,000 characters');
  });
});
