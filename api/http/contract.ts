/** Holds answers to the document: a status, type or body that the document does not have is a failure. For tests. */
import assert from 'node:assert/strict'
import { z } from 'zod'
import type { OpenApiDocument } from './openapi.ts'

export interface SeenAnswer {
  method: string
  /** Without the query. */
  path: string
  status: number
  type: string | null | undefined
  body: string
}

interface Operation {
  responses: Record<string, { content?: Record<string, { schema?: object }> }>
}

/** @returns a check that throws AssertionError, naming what the document lacks */
export function contractOf(document: OpenApiDocument): (answer: SeenAnswer) => void {
  const schemas = new Map<string, z.ZodType>()
  const defs = inDefs(document.components?.schemas ?? {})
  return ({ method, path, status, type, body }) => {
    const where = `${method} ${path} → ${status}`
    const template = Object.keys(document.paths ?? {}).find((each) => matches(each, path))
    assert.ok(template, `${where}: the document has no such path`)
    const item = document.paths![template] as unknown as Record<string, Operation>
    // HEAD is GET without its body.
    const operation = item[method === 'HEAD' ? 'get' : method.toLowerCase()]
    assert.ok(operation, `${where}: the document has no such method`)
    const response = operation.responses[status]
    assert.ok(response, `${where}: the document has no such status`)
    const media = type?.split(';')[0]
    const content = response.content?.[media ?? '']
    assert.ok(content, `${where}: the document has no type ${media}`)
    if (media === undefined || !media.endsWith('json') || method === 'HEAD') return
    const key = `${template} ${method} ${status} ${media}`
    const schema = schemas.get(key) ?? z.fromJSONSchema({ ...inDefs(content.schema ?? {}), $defs: defs } as never)
    schemas.set(key, schema)
    const checked = schema.safeParse(JSON.parse(body))
    assert.ok(checked.success, `${where}: ${checked.error?.message}\n${body.slice(0, 500)}`)
  }
}

/** JSON Schema has its named parts under `$defs`, OpenAPI under `components`. */
function inDefs(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/components/schemas/', '"#/$defs/'))
}

function matches(template: string, path: string): boolean {
  const expected = template.split('/')
  const came = path.split('/')
  return expected.length === came.length && expected.every((part, at) => part.startsWith('{') || part === came[at])
}
