import { defineStore } from 'pinia';
import { computed, shallowRef } from 'vue';
import { call } from '../api/client.ts';
import type { Camera, Reference } from '../api/contract.ts';
import { i18n } from '../i18n.ts';

const EMPTY: Reference = { provinces: [], countries: [], plateClasses: [] };

export interface Choice {
  readonly value: string;
  readonly title: string;
}

/** What rarely changes: provinces, countries, plate classes, and the names of the cameras. */
export const useReference = defineStore('reference', () => {
  const { locale } = i18n.global;
  const reference = shallowRef<Reference>(EMPTY);
  const cameras = shallowRef<readonly Camera[]>([]);

  const isThai = computed(() => locale.value === 'th');
  const nameOf = (named: { nameTh: string; nameEn: string } | undefined): string | null =>
    named === undefined ? null : isThai.value ? named.nameTh : named.nameEn;

  const provincesByCode = computed(() => new Map(reference.value.provinces.map((one) => [one.code, one])));
  const countriesByCode = computed(() => new Map(reference.value.countries.map((one) => [one.code, one])));
  const classesById = computed(() => new Map(reference.value.plateClasses.map((one) => [one.id, one])));

  const choices = (list: readonly { code: string; nameTh: string; nameEn: string }[]): Choice[] =>
    list
      .map((one) => ({ value: one.code, title: nameOf(one) ?? one.code }))
      .sort((a, b) => a.title.localeCompare(b.title, locale.value));
  const provinceChoices = computed(() => choices(reference.value.provinces));
  const countryChoices = computed(() => choices(reference.value.countries));
  const cameraChoices = computed(() => cameras.value.map((one) => ({ value: one.cameraId, title: one.name })));

  async function load(): Promise<void> {
    reference.value = await call('GET /reference');
  }

  async function loadCameras(): Promise<void> {
    cameras.value = (await call('GET /cameras')).items;
  }

  return {
    reference,
    cameras,
    provinceChoices,
    countryChoices,
    cameraChoices,
    load,
    loadCameras,
    /** As it is printed on the plate: Thai provinces in Thai, whatever the language. */
    printedProvince: (code: string | null): string | null =>
      code === null ? null : (provincesByCode.value.get(code)?.nameTh ?? null),
    /** In the reader's language; a code that is not known stands for itself. */
    provinceName: (code: string | null): string | null =>
      code === null ? null : (nameOf(provincesByCode.value.get(code)) ?? code),
    countryName: (code: string | null): string | null =>
      code === null ? null : (nameOf(countriesByCode.value.get(code)) ?? code),
    className: (id: string | null): string | null => (id === null ? null : (nameOf(classesById.value.get(id)) ?? id)),
    plateClass: (id: string | null) => (id === null ? undefined : classesById.value.get(id)),
  };
});
