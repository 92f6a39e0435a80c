import axios, { type AxiosRequestConfig } from 'axios';
import { authenticateAxios } from 'tt-token-manager/axios';
import { baseUrl, manager } from './manager.js';

const instance = axios.create({ baseURL: baseUrl });
authenticateAxios(instance, manager);

/** What orval's functions ask by. */
export async function ask<T>(config: AxiosRequestConfig): Promise<T> {
  return (await instance.request<T>(config)).data;
}
